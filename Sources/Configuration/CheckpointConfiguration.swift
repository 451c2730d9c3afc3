/// When the state is saved and which saved states stay.
package struct CheckpointConfiguration: Codable, Equatable, Sendable {
  /// A score on the held-out pictures, as `metrics.jsonl` names it after `validation_`.
  package enum Metric: String, ConfigurationChoice {
    /// Peak signal-to-noise ratio, in dB.
    case psnr
    /// Structural similarity.
    case ssim
    /// Mean absolute difference inside the holes, in percent.
    case l1HolePercent = "l1_hole_percent"
  }

  /// Steps between two checkpoints; the last step always leaves one.
  package var every = 1000

  /// How many of the newest checkpoints stay.
  package var keepLast = 3

  /// Checkpoints of every multiple of this many steps stay for good; 0 is none.
  package var keepEvery = 0

  /// How many of the best checkpoints stay; 0 is none.
  ///
  /// A checkpoint's score is that of the validation at its step: one that a signal or `--stop-after`
  /// left in between has none.
  package var keepBest = 0

  /// What makes a checkpoint the best.
  package var bestMetric = Metric.psnr

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case every
    case keepLast = "keep_last"
    case keepEvery = "keep_every"
    case keepBest = "keep_best"
    case bestMetric = "best_metric"
  }
}

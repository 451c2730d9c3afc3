/// When the state is saved and which saved states stay.
package struct CheckpointConfiguration: SettingsSection {
  /// A score on the held-out pictures, as `metrics.jsonl` names it after `validation_`.
  package enum Metric: String, ConfigurationChoice {
    case psnr
    case ssim
    case l1HolePercent = "l1_hole_percent"

    package var meaning: String {
      switch self {
      case .psnr: "peak signal-to-noise ratio, in dB"
      case .ssim: "structural similarity"
      case .l1HolePercent: "mean absolute difference inside the holes, in percent"
      }
    }
  }

  @Setting("Steps between two checkpoints; the last step always leaves one.")
  package var every = 1000

  @Setting("How many of the newest checkpoints stay.")
  package var keepLast = 3

  @Setting("Checkpoints of every multiple of this many steps stay for good; 0 is none.")
  package var keepEvery = 0

  @Setting(
    """
    How many of the best checkpoints stay; 0 is none. A checkpoint's score is that of the \
    validation at its step: one that a signal or `--stop-after` left in between has none.
    """)
  package var keepBest = 0

  @Setting("What makes a checkpoint the best.")
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

package import Metrics

/// When the state is saved and which saved states stay.
package struct CheckpointConfiguration: SettingsSection {
  /// A score on the held-out pictures, as `metrics.jsonl` names it after `validation_`.
  package struct Metric: ConfigurationChoice, Hashable {
    /// What is computed of each picture.
    package let metric: PictureMetric

    /// Those that a run computes.
    package static var allCases: [Metric] { PictureMetric.validated.map(Metric.init) }

    /// Chooses a metric.
    package init(_ metric: PictureMetric) { self.metric = metric }

    /// Finds a metric by its name; nil where no run computes it.
    package init?(rawValue: String) {
      guard let metric = PictureMetric.validated.first(where: { $0.name == rawValue }) else {
        return nil
      }
      self.metric = metric
    }

    /// The metric's name.
    package var rawValue: String { metric.name }

    package var meaning: String { metric.meaning }
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
  package var bestMetric = Metric(.psnr)

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

package import Metrics

/// When the state is saved and which saved states stay.
package struct CheckpointConfiguration: SettingsSection {
  /// A score on the held-out pictures, as `metrics.jsonl` names it after `validation_`.
  package struct Metric: ConfigurationChoice, Hashable {
    /// The score's name.
    package let rawValue: String
    /// Which values are better.
    package let better: PictureMetric.Better
    package let meaning: String

    /// Those that a run of some kind of model computes.
    package static var allCases: [Metric] { ofFillings + [ofSamples] }

    /// Scores of models that fill holes.
    static var ofFillings: [Metric] { PictureMetric.validated.map(Metric.init) }

    /// The score of models that make pictures from vectors.
    package static let ofSamples = Metric(
      rawValue: SlicedWassersteinDistance.name, better: .lower,
      meaning: SlicedWassersteinDistance.meaning)

    /// Chooses a metric of pictures.
    package init(_ metric: PictureMetric) {
      self.init(
        rawValue: metric.name, better: metric.better ?? .lower, meaning: metric.meaning)
    }

    /// Finds a metric by its name; nil where no run computes it.
    package init?(rawValue: String) {
      guard let metric = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
      self = metric
    }

    private init(rawValue: String, better: PictureMetric.Better, meaning: String) {
      (self.rawValue, self.better, self.meaning) = (rawValue, better, meaning)
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

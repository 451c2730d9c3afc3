package import Images

/// What `report.html` tells of a run, kept up to date step by step.
///
/// Its size and the cost of a step do not grow with the length of the run.
package struct RunReport: Sendable {
  /// How far a run is.
  package enum State: String, Sendable {
    /// It trains.
    case running
    /// It was stopped and can go on.
    case stopped
    /// All steps are done.
    case done
  }

  /// A saved state of the run.
  package struct Checkpoint: Sendable {
    /// The step after which it was saved.
    package var step: Int
    /// The size of its files.
    package var bytes: Int
    /// Seconds since 1970.
    package var savedSeconds: Double

    /// Collects what is known of a checkpoint.
    package init(step: Int, bytes: Int, savedSeconds: Double) {
      (self.step, self.bytes, self.savedSeconds) = (step, bytes, savedSeconds)
    }
  }

  /// The experiment's name.
  package var experiment: String
  /// How far it is.
  package var state = State.running
  /// Steps in the whole training.
  package var totalSteps: Int
  /// The effective configuration.
  package var configuration: String
  /// Facts in a line or two: what is known, and its value.
  package var facts: [(name: String, value: String)] = []
  /// What can be gone on from, newest first.
  package var checkpoints: [Checkpoint] = []
  /// Sample sheets.
  package private(set) var samples = SampleStrip()
  /// The last step.
  package private(set) var step = 0
  /// Seconds that all steps took.
  package private(set) var trainedSeconds = 0.0

  private(set) var losses: DecimatedSeries?
  private(set) var scores: DecimatedSeries?
  private(set) var speed = DecimatedSeries(names: ["images_per_second"], capacity: 600)
  private(set) var costs: DecimatedSeries?
  private(set) var ranks: DecimatedSeries?
  private(set) var rankCount = 0

  /// Starts without steps.
  package init(experiment: String, totalSteps: Int, configuration: String) {
    (self.experiment, self.totalSteps) = (experiment, totalSteps)
    self.configuration = configuration
  }

  private static let scorePrefix = "validation_"
  /// Members of a line that are no losses.
  private static let counters: Set = [
    "step", "epoch", "images", "skipped_images", "images_per_second", "seconds", "ended_early",
  ]

  /// Members that tell what a step took, beside its time.
  private static let costNames: Set = ["data_seconds", "peak_memory_mib"]

  /// Adds a line of `metrics.jsonl`.
  package mutating func add(metrics line: FlatRecord) {
    guard let step = line["step"].flatMap({ Int(exactly: $0) }) else { return }
    let members = line.members.filter { $0.values.count == 1 && !Self.counters.contains($0.name) }
    let numbers = members.filter { !Self.costNames.contains($0.name) }
    let terms = numbers.filter { !$0.name.hasPrefix(Self.scorePrefix) }
    let found = numbers.filter { $0.name.hasPrefix(Self.scorePrefix) }
    Self.add(step, terms.map { ($0.name, $0.values[0]) }, to: &losses, capacity: 1000)
    Self.add(
      step, found.map { (String($0.name.dropFirst(Self.scorePrefix.count)), $0.values[0]) },
      to: &scores, capacity: 400)
    Self.add(
      step, members.filter { Self.costNames.contains($0.name) }.map { ($0.name, $0.values[0]) },
      to: &costs, capacity: 600)
    if let rate = line["images_per_second"] { speed.add(step: step, [rate]) }
    trainedSeconds += line["seconds"].map { $0.isFinite ? $0 : 0 } ?? 0
    self.step = step
  }

  /// Adds a line of `ranks.jsonl`.
  package mutating func add(rankTimes line: FlatRecord) {
    guard let step = line["step"].flatMap({ Int(exactly: $0) }) else { return }
    let kinds = ["compute", "data", "wait"].compactMap { line.list($0) }
    guard kinds.count == 3, let count = kinds.first?.count, count > 0,
      kinds.allSatisfy({ $0.count == count })
    else { return }
    if count != rankCount {
      // The run went on with another number of ranks: theirs is the timeline.
      rankCount = count
      ranks = DecimatedSeries(
        names: Array(repeating: "", count: 3 * count),
        capacity: max(20, min(240, 8000 / count) & ~1))
    }
    ranks?.add(step: step, kinds.flatMap { $0 })
  }

  /// Adds a sample sheet.
  ///
  /// - Throws: `ImageError` where it cannot be made a JPEG file.
  package mutating func add(sampleSheet sheet: Image, step: Int) throws(ImageError) {
    try samples.add(step: step, sheet)
  }

  private static func add(
    _ step: Int, _ values: [(name: String, value: Double)], to series: inout DecimatedSeries?,
    capacity: Int
  ) {
    guard !values.isEmpty else { return }
    // Lazy regularisation has values at some steps alone; changed settings may bring new ones.
    var grown = series ?? DecimatedSeries(names: [], capacity: capacity)
    series = nil
    grown.add(step: step, named: values)
    series = grown
  }
}

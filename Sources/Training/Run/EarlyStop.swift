import Configuration
import Metrics

/// When a run ends because its score no longer becomes better.
///
/// It decides when a run ends, so checkpoints carry what it has seen.
struct EarlyStop: Equatable, Sendable {
  /// The score that counts.
  let metric: CheckpointConfiguration.Metric
  /// Validations in a row without a better score after which the run ends; 0 is never.
  let patience: Int
  /// The best score so far.
  private var best: Double?
  /// Validations in a row since then.
  private var waited = 0

  /// Starts without scores.
  init(_ configuration: RunConfiguration) {
    metric = configuration.checkpoint.bestMetric
    patience = configuration.validation.patience
  }

  /// Takes the scores of a validation, if there was one.
  mutating func add(_ scores: [(name: String, value: Double)]) {
    guard let score = scores.first(where: { $0.name == metric.rawValue })?.value else { return }
    let isBetter =
      best.map { metric.better == .higher ? score > $0 : score < $0 } ?? score.isFinite
    if isBetter { best = score }
    waited = isBetter ? 0 : waited + 1
  }

  /// Whether the run is to end.
  var isDue: Bool { patience > 0 && waited >= patience }

  /// For people, where the run is to end.
  var reason: String {
    "\(waited) validations in a row without a better \(metric.rawValue)"
      + (best.map { " than \($0)" } ?? "") + " (validation.patience)"
  }

  // MARK: In a checkpoint

  private static let names = ["stop_metric", "best_score", "validations_without_better"]

  /// The same as whole numbers, for ranks that go on from rank 0's state.
  var counts: [Int] {
    [best == nil ? 0 : 1, Int(bitPattern: UInt((best ?? 0).bitPattern)), waited]
  }

  /// How many `counts` there are.
  static let countOfCounts = 3

  /// Takes `counts` of another.
  mutating func take(counts: some Collection<Int>) {
    let counts = Array(counts)
    best = counts[0] == 0 ? nil : Double(bitPattern: UInt64(UInt(bitPattern: counts[1])))
    waited = counts[2]
  }

  /// What is seen so far as text, by name; nothing before the first validation.
  var entries: [String: String] {
    guard best != nil || waited > 0 else { return [:] }
    let entries = [Self.names[0]: metric.rawValue, Self.names[2]: "\(waited)"]
    return best.map { entries.merging([Self.names[1]: "\($0)"]) { $1 } } ?? entries
  }

  /// Takes `entries` of another; what is missing, or was seen of another score, was not seen.
  mutating func take(entries: [String: String]) {
    let isSame = entries[Self.names[0]] == metric.rawValue
    best = isSame ? entries[Self.names[1]].flatMap { Double($0) } : nil
    waited = isSame ? entries[Self.names[2]].flatMap { Int($0) } ?? 0 : 0
  }
}

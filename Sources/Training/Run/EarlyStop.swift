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

  private static let names = ["best_score", "validations_without_better"]

  /// The same as whole numbers, for ranks that go on from rank 0's state.
  var counts: [Int] { [best.map { Int(bitPattern: UInt($0.bitPattern)) } ?? 0, waited] }

  /// Takes `counts` of another.
  mutating func take(counts: some Collection<Int>) {
    let counts = Array(counts)
    let bits = UInt64(UInt(bitPattern: counts[0]))
    best = bits == 0 && counts[1] == 0 ? nil : Double(bitPattern: bits)
    waited = counts[1]
  }

  /// What is seen so far as text, by name; nothing where there is none.
  var entries: [String: String] {
    best.map { [Self.names[0]: "\($0)", Self.names[1]: "\(waited)"] } ?? [:]
  }

  /// Takes `entries` of another; what is missing was not seen.
  mutating func take(entries: [String: String]) {
    best = entries[Self.names[0]].flatMap { Double($0) }
    waited = entries[Self.names[1]].flatMap { Int($0) } ?? 0
  }
}

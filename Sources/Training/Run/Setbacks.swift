/// What a run has given up so far because of losses or gradients that were not finite numbers.
///
/// It decides which batch and which update comes next, so checkpoints carry it.
struct Setbacks: Equatable, Sendable {
  /// Steps that updated nothing: after step s the optimisers have made the updates of
  /// s - `skippedUpdates`.
  var skippedUpdates = 0
  /// How many of them came one after another, up to the last step.
  var skipsInARow = 0
  /// How often the run went back to a checkpoint.
  var rollbacks = 0
  /// How often since it last came as far as a multiple of `checkpoint.every`.
  var rollbacksInARow = 0
  /// Steps whose batches it passed over by going back: step s works on those of step
  /// s + `passedBatches`.
  var passedBatches = 0

  /// A run ends rather than skip more updates in a row: it would learn nothing.
  static let skipLimit = 10
  /// A run ends rather than go back to one checkpoint more often: it would get no further.
  static let rollbackLimit = 3

  private static let names = [
    "skipped_updates", "skips_in_a_row", "rollbacks", "rollbacks_in_a_row", "passed_batches",
  ]

  /// None.
  init() {}

  /// Takes `counts` of another.
  init(counts: some Collection<Int>) {
    let counts = Array(counts)
    skippedUpdates = counts[0]
    skipsInARow = counts[1]
    rollbacks = counts[2]
    rollbacksInARow = counts[3]
    passedBatches = counts[4]
  }

  /// Takes `entries` of another; what is missing is 0.
  init(entries: [String: String]) {
    self.init(counts: Self.names.map { entries[$0].flatMap { Int($0) } ?? 0 })
  }

  /// All counts.
  var counts: [Int] { [skippedUpdates, skipsInARow, rollbacks, rollbacksInARow, passedBatches] }

  /// The counts that are not 0 as text, by name.
  var entries: [String: String] {
    Dictionary(
      uniqueKeysWithValues: zip(Self.names, counts).filter { $1 != 0 }.map { ($0, "\($1)") })
  }
}

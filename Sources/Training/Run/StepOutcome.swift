import Communication

/// What all ranks know of a step once every replica has computed its gradients.
struct StepOutcome {
  /// The mean of every loss over all replicas, in an order that the number of ranks does not change.
  ///
  /// Of updates that report the same loss the last one counts; a loss that no update of the step came
  /// to is not a number, and one of updates that were not due is left out.
  var losses: LossTerms = []
  /// Whether any rank was asked to stop.
  var stopRequested = false
  /// Where each rank's time went, the parts of `StepClock`.
  var rankTimes: [[Double]] = []
  /// What is wrong with each replica whose numbers cannot be used; empty where all can.
  var unusable: [UnusableReplica] = []
  /// The last update that was computed: where a replica's numbers cannot be used, theirs.
  var lastUpdate = 0

  /// A replica that computed something that is not a finite number.
  struct UnusableReplica {
    /// Its number.
    let replica: Int
    /// The losses that are not finite; where all of them are, `gradients` or `weights`.
    let quantities: [String]
  }
}

extension StepOutcome {
  /// Takes in what all ranks know of one update.
  mutating func add(_ received: [[Double]], names: [String], timeCount: Int) {
    let rows = received.flatMap { values in
      stride(from: 1 + timeCount, to: values.count, by: 1 + names.count)
        .map { values[$0...$0 + names.count] }
    }
    let means = treeSum(rows.map { Array($0.dropFirst()) }).map { $0 / Double(rows.count) }
    unusable = rows.enumerated().compactMap { replica, row -> UnusableReplica? in
      let flag = row.first
      let losses = zip(names, row.dropFirst()).filter { !$1.isFinite }.map(\.0)
      guard flag != 0 || !losses.isEmpty else { return nil }
      let quantities = losses.isEmpty ? [flag == 2 ? "weights" : "gradients"] : losses
      return .init(replica: replica, quantities: quantities)
    }
    for (name, mean) in zip(names, means) {
      for index in losses.indices where losses[index].name == name { losses[index].value = mean }
    }
    stopRequested = stopRequested || received.contains { $0[0] != 0 }
    rankTimes = received.map { Array($0[1...timeCount]) }
  }
}

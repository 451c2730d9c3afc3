import Communication
import Datasets
import Optimizers
import Tracing

/// What all ranks know of a step once every replica has computed its gradients.
struct StepOutcome {
  /// The mean of every loss over all replicas, in an order that the number of ranks does not change.
  ///
  /// Of updates that report the same loss the last one counts; a loss that no update came to is not
  /// a number.
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

extension Trainer {
  /// Makes the updates of a step, each from a batch of its own, or none of them where a replica's
  /// numbers cannot be used.
  ///
  /// - Parameters:
  ///   - step: The step, counted from 1.
  ///   - batches: The batches of this rank's replicas for each update.
  /// - Returns: The same on every rank.
  /// - Throws: What went wrong between the ranks.
  func takeStep(_ step: Int, _ batches: [[ReplicaBatch]]) throws -> StepOutcome {
    let updates = model.updates
    // The last update needs no way back: the verdict on its gradients comes before it.
    let updatedBefore = model.networks.filter { network in
      updates.dropLast().contains { $0.networks.contains { $0 === network } }
    }
    for network in updatedBefore { network.keepState() }
    var outcome = StepOutcome(losses: model.lossNames.map { ($0, .nan) })
    for index in updates.indices {
      try Trace.span("\(updates[index].name)") {
        try take(index, of: updates, at: step, batches[index], into: &outcome)
      }
      guard outcome.unusable.isEmpty else {
        for network in updatedBefore { network.restoreState() }
        break
      }
    }
    afterUpdate?(step, model)
    return outcome
  }

  /// Computes gradients, and updates the networks unless a replica's numbers cannot be used.
  ///
  /// Losses, verdicts, stop requests and timings travel in one exchange, so all ranks come to
  /// the same verdict before any of them updates anything.
  private func take(
    _ index: Int, of updates: [ModelUpdate], at step: Int, _ batches: [ReplicaBatch],
    into outcome: inout StepOutcome
  ) throws {
    var rows: [[Double]] = []
    let (update, number) = (updates[index], session.firstBatch(of: step) + index)
    let batches = fault?.applied(to: batches, number: number + 1, model: model) ?? batches
    StepPhase.enter("forward")
    try model.sumGradients(batches, for: index) { rows.append($0.map(\.value)) }
    let hasBadWeights = update.networks.contains { !$0.optimizer.parametersAreFinite }
    for replica in rows.indices {
      let hasBadGradients = update.networks.contains { $0.unusableReplicas.contains(replica) }
      rows[replica].insert(hasBadWeights ? 2 : hasBadGradients ? 1 : 0, at: 0)
    }
    let stop = StopSignals.pending == nil ? 0.0 : 1.0
    clock.hasWaited(update.exposedSeconds)
    let times = clock.parts
    StepPhase.enter("losses", waits: true)
    let start = monotonicSeconds()
    let received = try communicator.allGather([stop] + times + rows.flatMap { $0 })
    clock.hasWaited(monotonicSeconds() - start)
    outcome.add(received, names: update.lossNames, timeCount: times.count)
    outcome.lastUpdate = index
    StepPhase.enter("update")
    if outcome.unusable.isEmpty { model.update(index, step: step) }
  }
}

extension StepOutcome {
  /// Takes in what all ranks know of one update.
  fileprivate mutating func add(_ received: [[Double]], names: [String], timeCount: Int) {
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

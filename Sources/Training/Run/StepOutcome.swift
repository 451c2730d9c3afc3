import Communication
import Datasets
import Optimizers

/// What all ranks know of a step once every replica has computed its gradients.
struct StepOutcome {
  /// The mean of every loss over all replicas, in an order that the number of ranks does not change.
  let losses: LossTerms
  /// Whether any rank was asked to stop.
  let stopRequested: Bool
  /// Where each rank's time went, the parts of `StepClock`.
  let rankTimes: [[Double]]
  /// What is wrong with each replica whose numbers cannot be used; empty where all can.
  let unusable: [UnusableReplica]

  /// A replica that computed something that is not a finite number.
  struct UnusableReplica {
    /// Its number.
    let replica: Int
    /// The losses that are not finite; where all of them are, `gradients` or `weights`.
    let quantities: [String]
  }
}

extension Trainer {
  /// Computes gradients, and updates the networks unless a replica's numbers cannot be used.
  ///
  /// Losses, verdicts, stop requests and timings travel in one exchange, so all ranks come to
  /// the same verdict before any of them updates anything.
  ///
  /// - Throws: What went wrong between the ranks.
  func takeStep(_ step: Int, _ batches: [ReplicaBatch]) throws -> StepOutcome {
    var rows: [[Double]] = []
    let number = step + session.setbacks.passedBatches
    let batches = fault?.applied(to: batches, number: number, model: model) ?? batches
    StepPhase.enter("forward")
    try model.sumGradients(batches) { rows.append($0.map(\.value)) }
    let hasBadWeights = model.networks.contains { !$0.optimizer.parametersAreFinite }
    for replica in rows.indices {
      let hasBadGradients = model.networks.contains { $0.unusableReplicas.contains(replica) }
      rows[replica].insert(hasBadWeights ? 2 : hasBadGradients ? 1 : 0, at: 0)
    }
    let stop = StopSignals.pending == nil ? 0.0 : 1.0
    let times = clock.parts(
      exposedSeconds: model.networks.reduce(0) { $0 + $1.gradients.exposedSeconds })
    StepPhase.enter("losses", waits: true)
    let received = try communicator.allGather([stop] + times + rows.flatMap { $0 })
    let outcome = outcome(received, timeCount: times.count)
    StepPhase.enter("update")
    if outcome.unusable.isEmpty { model.update(step: step) }
    afterUpdate?(step, model)
    return outcome
  }

  private func outcome(_ received: [[Double]], timeCount: Int) -> StepOutcome {
    let names = model.lossNames
    let rows = received.flatMap { values in
      stride(from: 1 + timeCount, to: values.count, by: 1 + names.count)
        .map { values[$0...$0 + names.count] }
    }
    let means = treeSum(rows.map { Array($0.dropFirst()) }).map { $0 / Double(rows.count) }
    let unusable = rows.enumerated().compactMap { replica, row -> StepOutcome.UnusableReplica? in
      let flag = row.first
      let losses = zip(names, row.dropFirst()).filter { !$1.isFinite }.map(\.0)
      guard flag != 0 || !losses.isEmpty else { return nil }
      let quantities = losses.isEmpty ? [flag == 2 ? "weights" : "gradients"] : losses
      return .init(replica: replica, quantities: quantities)
    }
    return StepOutcome(
      losses: zip(names, means).map { (name: $0, value: $1) },
      stopRequested: received.contains { $0[0] != 0 },
      rankTimes: received.map { Array($0[1...timeCount]) }, unusable: unusable)
  }
}

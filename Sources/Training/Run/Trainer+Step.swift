import Communication
import Datasets
import Optimizers
import Tracing

extension Trainer {
  /// Makes the updates that a step is due to make, or none of them where a replica's numbers cannot be
  /// used.
  ///
  /// - Parameters:
  ///   - step: The step, counted from 1.
  ///   - batches: The batches of this rank's replicas for each of the step's.
  /// - Returns: The same on every rank.
  /// - Throws: What went wrong between the ranks.
  func takeStep(_ step: Int, _ batches: [[ReplicaBatch]]) throws -> StepOutcome {
    model.beginStep(step)
    for network in model.networks { network.forgetGradientNorm() }
    let updates = model.updates
    let due = model.dueUpdates(at: step)
    // The last update needs no way back: the verdict on its gradients comes before it.
    let updatedBefore = model.networks.filter { network in
      due.dropLast().contains { updates[$0].updates(network) }
    }
    for network in updatedBefore { network.keepState() }
    var outcome = StepOutcome(losses: model.lossNames(of: due).map { ($0, .nan) })
    for index in due {
      try Trace.span("\(updates[index].name)") {
        try take(index, of: updates, at: step, batches[updates[index].batch], into: &outcome)
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
    let (update, number) = (updates[index], session.firstBatch(of: step) + updates[index].batch)
    let batches = fault?.applied(to: batches, number: number + 1, model: model) ?? batches
    StepPhase.enter("forward")
    try model.sumGradients(batches, for: index) { rows.append($0.map(\.value)) }
    let hasBadWeights = update.networks.contains { !$0.optimizer.parametersAreFinite }
    for replica in rows.indices {
      let hasBadGradients = update.networks.contains { $0.unusableReplicas.contains(replica) }
      rows[replica].insert(hasBadWeights ? 2 : hasBadGradients ? 1 : 0, at: 0)
    }
    let stop = StopSignals.pending == nil && timeLimit?.isReached != true ? 0.0 : 1.0
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

import Checkpoints
import Communication
import Configuration
import Datasets
import Running

extension Trainer {
  /// Deals with the outcome of a step, as `training.on_non_finite` says where its numbers cannot be
  /// used; collective.
  ///
  /// - Parameters:
  ///   - outcome: What came of the step; nothing was updated where a replica's numbers are unusable.
  ///   - step: The step.
  /// - Returns: The step that the run goes on after: this one, or an earlier one where it has gone
  ///   back.
  /// - Throws: On every rank, why the run ends here.
  func settle(_ outcome: StepOutcome, at step: Int) throws -> Int {
    guard !outcome.unusable.isEmpty else {
      session.setbacks.skipsInARow = 0
      if step.isMultiple(of: configuration.checkpoint.every) {
        session.setbacks.rollbacksInARow = 0
      }
      return step
    }
    let finding = describe(outcome, at: step)
    let damage = try damagedState()
    switch configuration.training.onNonFinite {
    case .rollback where session.setbacks.rollbacksInARow < Setbacks.rollbackLimit:
      return try rollBack(from: step, because: damage.map { "\(finding). \($0)" } ?? finding)
    case .skip where damage == nil && session.setbacks.skipsInARow < Setbacks.skipLimit:
      session.setbacks.skippedUpdates += 1
      session.setbacks.skipsInARow += 1
      warn("\(finding). The step updates nothing")
      return step
    case .stop, .skip, .rollback:
      throw try end(at: step, finding: finding, damage: damage)
    }
  }

  /// Ends a run whose networks themselves hold numbers that are not finite; collective.
  ///
  /// Updates cannot bring that about, so the memory of a machine, or a program that has changed a
  /// checkpoint, is to blame.
  ///
  /// - Parameters:
  ///   - status: How the command ends then.
  ///   - advice: What to do.
  /// - Throws: On every rank, which tensor is damaged.
  func refuseDamagedState(_ status: ExitStatus, _ advice: String) throws {
    if let damage = try damagedState() {
      throw RunError(status, "\(damage): \(advice)", isShared: true)
    }
  }

  /// The first tensor of this rank or another that holds a number that is not finite; collective.
  private func damagedState() throws -> String? {
    let own = model.networks.lazy.compactMap(\.firstNonFiniteTensor).first ?? ""
    StepPhase.enter("check", waits: true)
    let damages = try communicator.allGather(Array(own.utf8)).enumerated()
      .filter { !$1.isEmpty }
    guard let (rank, name) = damages.first else { return nil }
    return
      "\(String(decoding: name, as: UTF8.self)) on rank \(rank) holds numbers that are not finite"
  }

  private func describe(_ outcome: StepOutcome, at step: Int) -> String {
    let updates = model.updates
    let batch = session.firstBatch(of: step) + updates[outcome.lastUpdate].batch
    let findings = outcome.unusable.map { finding in
      let pictures = session.sampler.samples(step: batch, replica: finding.replica)
        .map { session.data.training.name(of: $0.sampleIndex) }
      return "replica \(finding.replica) (rank \(finding.replica / session.layout.localCount)): "
        + "\(finding.quantities.joined(separator: ", ")) from \(pictures.joined(separator: ", "))"
    }
    let place = updates.count > 1 ? ", update of the \(updates[outcome.lastUpdate].name)" : ""
    return "step \(step)\(place): numbers that are not finite: \(findings.joined(separator: "; "))"
  }

  /// Keeps the state before a step at which the run ends.
  ///
  /// - Returns: Why the run ends.
  private func end(at step: Int, finding: String, damage: String?) throws -> RunError {
    if let damage {
      return RunError(
        .failure,
        "\(finding). \(damage): the memory of that machine may be failing. The newest checkpoint is "
          + "intact; start again to go on from it.", isShared: true)
    }
    warn(finding)
    if step > 1 { try keepState(of: step - 1) }
    let kept = step > 1 ? "The state of step \(step - 1) is kept. " : ""
    let advice =
      switch configuration.training.onNonFinite {
      case .stop: "To go on without this batch set training.on_non_finite to skip or rollback"
      case .skip: "The \(Setbacks.skipLimit) updates before were left out as well"
      case .rollback: "Going back \(Setbacks.rollbackLimit) times has not helped"
      }
    return RunError(
      .failure,
      "\(finding). \(kept)\(advice); where it comes back, start a new run with a lower "
        + "optimizer.learning_rate.", isShared: true)
  }

  /// Makes sure that there is a checkpoint of a step whose state is still in memory; collective.
  func keepState(of step: Int) throws {
    _ = try communicator.fromRoot {
      guard let writer else { return [] }
      writer.waitUntilIdle()
      reportSaves(of: writer)
      if try !writer.store.steps().contains(step) {
        try writer.saveAndWait(session.snapshot(step: step, validation: [:]))
      }
      return []
    }
  }
}

// MARK: - Going back

extension Trainer {
  /// Goes back to the newest regular checkpoint before a step, and past all batches up to it.
  ///
  /// Checkpoints that a signal has left in between do not count, so that a run that was interrupted
  /// goes back as far as one that was not. The checkpoint is saved anew with what was given up: a
  /// run that is interrupted now does not meet the same batches again.
  ///
  /// - Returns: The step of the checkpoint.
  /// - Throws: On every rank, what is wrong with the checkpoint.
  private func rollBack(from step: Int, because finding: String) throws -> Int {
    let every = configuration.checkpoint.every
    var scores: [String: Double] = [:]
    let answer = try communicator.fromRoot {
      guard let writer else { return [] }
      writer.waitUntilIdle()
      reportSaves(of: writer)
      let store = writer.store
      guard
        let recovery = try store.newestValid(upTo: (step - 1) / every * every)
          ?? store.newestValid(upTo: step - 1)
      else {
        throw RunError(.failure, "\(finding). There is no checkpoint to go back to.")
      }
      for damaged in recovery.damaged { warn("\(damaged)") }
      let state = recovery.checkpoint.state
      try session.load(recovery.checkpoint, report: note)
      for store in [store, rescue] { try store?.supersede(after: state.step) }
      metrics = try MetricsLog(path: session.directory.metrics, afterStep: state.step)
      scores = state.validation
      session.earlyStop.take(entries: state.extras)
      return encoded(
        [state.step, Setbacks(entries: state.extras).skippedUpdates] + session.earlyStop.counts)
    }
    let numbers = decoded(answer)
    let target = numbers[0]
    session.setbacks.skippedUpdates = numbers[1]
    session.earlyStop.take(counts: numbers.dropFirst(2))
    session.setbacks.skipsInARow = 0
    session.setbacks.rollbacks += 1
    session.setbacks.rollbacksInARow += 1
    session.setbacks.passedBatches += step - target
    try session.synchronize()
    warn("\(finding). Going back to step \(target), and on after this batch")
    if let writer {
      do {
        try writer.saveAndWait(session.snapshot(step: target, validation: scores))
      } catch {
        warn("the checkpoint of step \(target) was not saved anew: \(error)")
      }
    }
    return target
  }
}

import Checkpoints
import Communication
import Configuration
import Datasets
import Foundation
import Images
import Kernels
import Layers
import Metrics
import Optimizers
import Reports
package import Running
import TensorCore
import Tracing

/// The training loop: data, gradients, updates, and what is written meanwhile.
package final class Trainer {
  var session: Session
  let progress: ProgressReport
  private(set) var timeLimit: TimeLimit?
  let validation: (any ModelValidation)?
  let writer: BackgroundCheckpointWriter?
  let rescue: CheckpointStore?
  var metrics: MetricsLog?
  var clock = StepClock()
  var display: RunDisplay?
  private let lock: RunLock?
  /// Called on every rank at the end of each step: for tests, which look into a step or disturb it.
  package var afterUpdate: ((_ step: Int, _ model: any AdversarialModel) -> Void)?
  /// The last score on held-out pictures.
  var lastScore: (name: String, value: Double)?
  var lossMonitor: LossMonitor
  let fault: FaultInjection?
  var communicator: any Communicator { session.communicator }
  var model: any AdversarialModel { session.model }
  var configuration: RunConfiguration { session.configuration }

  /// Prepares a session's training.
  ///
  /// - Parameters:
  ///   - session: What the ranks have agreed on.
  ///   - rescueFolder: Where the last checkpoint goes that the run folder does not take.
  /// - Throws: On every rank, what is wrong with the held-out pictures or the folders.
  package init(_ session: Session, rescueFolder: String? = nil) throws {
    self.session = session
    let configuration = session.configuration
    progress = ProgressReport(totalSteps: configuration.training.steps)
    lossMonitor = LossMonitor(
      pictureLosses: Set(
        session.model.updates.flatMap(\.losses).filter { $0.role == .picture }.map(\.name)),
      discriminatorWinsBelow: session.model.discriminatorWinsBelow)
    validation = try session.communicator.together {
      try session.model.makeValidation(
        on: HeldOutData(
          source: session.data.validation, training: session.data.training,
          transform: session.data.transform,
          settings: configuration.validation), communicator: session.communicator)
    }
    let needing = [
      ("checkpoint.keep_best", configuration.checkpoint.keepBest > 0),
      ("validation.patience", configuration.validation.patience > 0),
      ("validation.first", configuration.validation.first),
    ].filter(\.1).map(\.0)
    guard validation?.isScored == true || needing.isEmpty else {
      throw RunError(
        .usage,
        "\(needing.joined(separator: ", ")): no image of \(configuration.data.root) is held out of training, so "
          + "none is scored; leave that out, or add images", isShared: true)
    }
    fault = try session.communicator.together { try FaultInjection() }
    var (lock, writer): (RunLock?, BackgroundCheckpointWriter?)
    var rescue: CheckpointStore?
    _ = try session.communicator.fromRoot {
      try session.directory.create()
      // Before anything else: opening the store clears up after a run that is no more.
      lock = try RunLock(session.directory)
      writer = BackgroundCheckpointWriter(
        store: try CheckpointStore(
          root: session.directory.checkpoints,
          retention: RetentionPolicy(configuration)))
      rescue = try rescueFolder.map {
        try CheckpointStore(
          root: session.directory.rescue(in: $0), retention: RetentionPolicy(configuration))
      }
      return []
    }
    (self.lock, self.writer, self.rescue) = (lock, writer, rescue)
    if let limitation = lock?.limitation { progress.warn(limitation) }
  }

  /// Trains to the end, to the request's `stopAfter` or until a signal asks for a stop.
  ///
  /// - Returns: `done` or `stopped`.
  /// - Throws: On every rank, what ended the training early.
  package func run(_ request: TrainingRequest) throws -> ExitStatus {
    let first = try session.restore(
      request.resume, acceptsOtherBits: request.acceptsOtherBits, store: writer?.store,
      rescue: rescue, progress: progress)
    // Not before: a run that cannot go on leaves the folder as it was.
    _ = try communicator.fromRoot {
      try session.directory.write(configuration: configuration.effectiveYAML())
      return []
    }
    let last = min(request.stopAfter ?? .max, configuration.training.steps)
    try refuseDamagedState(
      .badData, "go on from an earlier checkpoint with --resume, or restore this one")
    _ = try communicator.fromRoot {
      // A run that begins anew scores its first weights anew.
      metrics = try MetricsLog(
        path: session.directory.metrics, afterStep: first == 0 ? -1 : first)
      return []
    }
    writer?.reserve(for: session.snapshot(step: first, validation: [:]))
    openDisplay(after: first)
    describeStart(first)
    timeLimit = request.timeLimit
    guard first < last, !session.earlyStop.isDue else {
      note(
        "nothing to do: \(first) steps are done"
          + (first < last ? ", and the run has ended after \(session.earlyStop.reason)" : ""))
      return .done
    }
    try makeSureThatStatesCanBeSaved(after: first)
    StartGuard.finish()
    if configuration.training.onNonFinite == .rollback { try keepState(of: first) }
    let loader = try makeLoader(after: first)
    let heartbeat = try session.startWatchdog(progress)
    defer { heartbeat?.finish() }
    let status = try StepPhase.$heartbeat.withValue(heartbeat) {
      if first == 0, configuration.validation.first { try scoreFirstWeights() }
      return try train(after: first, to: last, loader)
    }
    progress.end()
    return status
  }

  private func train(after first: Int, to last: Int, _ firstLoader: BatchLoader) throws
    -> ExitStatus
  {
    var slowRanks = SlowRanks()
    var loader = firstLoader
    var step = first
    while step < last {
      step += 1
      let start = ContinuousClock.now
      clock.begin()
      StepPhase.enter("data", step: step)
      let batches = try Trace.span("data") {
        try communicator.together {
          defer { StepPhase.enter("data", waits: true) }
          let batches = try (0..<model.batchesPerStep).map { _ in try loader.next() }
          clock.hasLoaded()
          return batches
        }
      }
      clock.haveAllLoaded()
      let outcome = try Trace.span("step \(step)") { try takeStep(step, batches) }
      let next = try settle(outcome, at: step)
      guard next == step else {
        step = next
        if outcome.stopRequested { break }
        openDisplay(after: step)
        loader = try makeLoader(after: step)
        continue
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      slowRanks.add(ownSeconds: outcome.rankTimes.map { $0[0] + $0[1] })
      StepPhase.enter("validation")
      let scores = try validate(step)
      session.earlyStop.add(scores)
      try record(step, outcome, scores, seconds: seconds)
      let isOver = session.earlyStop.isDue
      if isOver { note("step \(step): the run ends after \(session.earlyStop.reason)") }
      let isLast = step == last || outcome.stopRequested || isOver
      // Before a checkpoint: one of ranks that have come apart would be of no use.
      try compareRanksIfDue(step, isLast: isLast)
      StepPhase.enter("save")
      try saveIfDue(step, isLast: isLast, scores: scores, metrics)
      StepPhase.enter("samples")
      drawSamplesIfDue(step, isLast: isLast)
      let isDone = isOver || step == configuration.training.steps
      display?.refresh(step, isDone ? .done : isLast ? .stopped : .running)
      for finding in try slowRanks.findings(after: step, communicator) where communicator.isRoot {
        progress.warn(finding)
      }
      if isOver { return .done }
      if outcome.stopRequested {
        if let timeLimit, timeLimit.isReached {
          note(
            "the time of --max-time \(timeLimit.text) is over; the same command goes on from here")
        }
        break
      }
    }
    return step == last ? .done : .stopped
  }

  /// Starts to prepare the batches that follow a step.
  private func makeLoader(after step: Int) throws -> BatchLoader {
    let loader = BatchLoader(
      source: session.data.training, sampler: session.sampler, transform: session.data.transform,
      rank: communicator.rank, worldSize: communicator.worldSize,
      firstStep: session.firstBatch(of: step + 1),
      settings: LoaderSettings(
        workerCount: max(1, configuration.data.workers), queueDepth: model.batchesPerStep + 3))
    try communicator.together { try loader.waitUntilReady() }
    return loader
  }

  /// Shows the run from the step after this one on, on rank 0.
  private func openDisplay(after step: Int) {
    if communicator.isRoot { display = RunDisplay(session, afterStep: step, warn: progress.warn) }
  }

  private func saveIfDue(
    _ step: Int, isLast: Bool, scores: [(name: String, value: Double)], _ metrics: MetricsLog?
  ) throws {
    if let writer {
      // Before this save, which may fail and end the run: what became of the last one is told in any
      // case. And where checkpoints decide what a run goes back to, none is left out for want of time.
      if isLast || configuration.training.onNonFinite == .rollback { writer.waitUntilIdle() }
      reportSaves(of: writer)
    }
    let every = configuration.checkpoint.every
    guard isLast || (every > 0 && step.isMultiple(of: every)) else { return }
    try refuseDamagedState(
      .failure,
      "the memory of that machine may be failing; step \(step) is not saved, start again to go on "
        + "from the checkpoint before")
    StepPhase.enter("save")
    guard let writer else {
      StepPhase.enter("save", waits: true)
      if isLast { _ = try communicator.fromRoot { [] } }
      return
    }
    metrics?.synchronize()
    let snapshot = session.snapshot(
      step: step, validation: Dictionary(uniqueKeysWithValues: scores.map { ($0.name, $0.value) }))
    if isLast {
      _ = try communicator.fromRoot {
        let report = try saveLast(snapshot, with: writer, rescue: rescue)
        for warning in report.warnings { progress.warn(warning) }
        progress.note("saved \(report.directory)")
        return []
      }
    } else if !writer.submit(snapshot) {
      progress.warn("no checkpoint of step \(step): the one before it is still being written")
    }
  }

  /// Tells what became of the saves that have ended.
  func reportSaves(of writer: BackgroundCheckpointWriter) {
    for report in writer.takeReports() {
      switch report.result {
      case .success(let saved):
        for warning in saved.warnings { progress.warn(warning) }
      case .failure(let failure):
        let counts = writer.counts
        progress.warn(
          "the checkpoint of step \(report.step) failed, the next one is tried as planned; "
            + "\(counts.saved) saved and \(counts.failed) failed so far: \(failure)")
      }
    }
  }

  /// Stops a run whose ranks have come apart.
  private func compareRanksIfDue(_ step: Int, isLast: Bool) throws {
    let every = configuration.training.agreementEvery
    guard every > 0, communicator.worldSize > 1,
      isLast || step.isMultiple(of: every)
        || step.isMultiple(of: max(configuration.checkpoint.every, 1))
    else { return }
    StepPhase.enter("comparison")
    var hash = StateHash()
    for network in model.networks { network.addState(to: &hash) }
    StepPhase.enter("comparison", waits: true)
    if let difference = try hash.compareAcrossRanks(communicator) {
      throw RunError(
        .failure,
        "step \(step): the ranks no longer agree: \(difference); the last checkpoint is intact, "
          + "the memory of that host may be failing", isShared: true)
    }
  }

}

extension RetentionPolicy {
  /// The policy that a configuration asks for.
  fileprivate init(_ configuration: RunConfiguration) {
    let checkpoint = configuration.checkpoint
    let best = Best(
      metric: checkpoint.bestMetric.rawValue,
      largerIsBetter: checkpoint.bestMetric.better == .higher,
      count: max(checkpoint.keepBest, 1))
    self.init(
      keepLast: checkpoint.keepLast, keepEvery: checkpoint.keepEvery,
      keepNewestMultiple: configuration.training.onNonFinite == .rollback ? checkpoint.every : 0,
      best: checkpoint.keepBest > 0 ? best : nil)
  }
}

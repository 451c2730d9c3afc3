import Checkpoints
import Communication
import Configuration
import Datasets
import Foundation
import Images
import Kernels
import Layers
import Optimizers
import Reports
import TensorCore
import Tracing

/// The training loop: data, gradients, updates, and what is written meanwhile.
package final class Trainer {
  private var session: Session
  private let progress: ProgressReport
  private let validation: Validation?
  private let writer: BackgroundCheckpointWriter?
  private var display: RunDisplay?
  private var clock = StepClock()
  /// Where each rank's time went in the last step.
  private var rankTimes: [[Double]] = []
  private let lock: RunLock?
  /// Called on every rank after each update: for tests, which look into a step or disturb it.
  package var afterUpdate: ((_ step: Int, _ model: any InpaintingModel) -> Void)?
  private var communicator: any Communicator { session.communicator }
  private var model: any InpaintingModel { session.model }
  private var configuration: RunConfiguration { session.configuration }

  /// Prepares a session's training.
  ///
  /// - Throws: On every rank, what is wrong with the held-out pictures or the run folder.
  package init(_ session: Session) throws {
    self.session = session
    let configuration = session.configuration
    progress = ProgressReport(totalSteps: configuration.training.steps)
    validation = try session.communicator.together {
      try session.data.validation.map {
        try Validation(
          source: $0, transform: session.data.transform, settings: configuration.validation,
          communicator: session.communicator)
      }
    }
    guard validation != nil || configuration.checkpoint.keepBest == 0 else {
      throw RunError(
        .usage,
        "checkpoint.keep_best: no image of \(configuration.data.root) is held out of training, so "
          + "none is scored; set it to 0, or add images", isShared: true)
    }
    var (lock, writer): (RunLock?, BackgroundCheckpointWriter?)
    _ = try session.communicator.fromRoot {
      try session.directory.create()
      // Before anything else: opening the store clears up after a run that is no more.
      lock = try RunLock(session.directory)
      writer = BackgroundCheckpointWriter(
        store: try CheckpointStore(
          root: session.directory.checkpoints,
          retention: RetentionPolicy(configuration.checkpoint)))
      return []
    }
    (self.lock, self.writer) = (lock, writer)
    if let limitation = lock?.limitation { progress.warn(limitation) }
  }

  /// Trains to the end, to the request's `stopAfter` or until a signal asks for a stop.
  ///
  /// - Returns: `done` or `stopped`.
  /// - Throws: On every rank, what ended the training early.
  package func run(_ request: TrainingRequest) throws -> ExitStatus {
    let first = try session.restore(
      request.resume, acceptsOtherBits: request.acceptsOtherBits, store: writer?.store,
      progress: progress)
    // Not before: a run that cannot go on leaves the folder as it was.
    _ = try communicator.fromRoot {
      try session.directory.write(configuration: configuration.effectiveYAML())
      return []
    }
    let last = min(request.stopAfter ?? .max, configuration.training.steps)
    var metrics: MetricsLog?
    _ = try communicator.fromRoot {
      metrics = try MetricsLog(path: session.directory.metrics, afterStep: first)
      return []
    }
    writer?.reserve(for: session.snapshot(step: first, validation: [:]))
    if communicator.isRoot {
      display = RunDisplay(session, afterStep: first, warn: progress.warn)
    }
    describeStart(first)
    guard first < last else {
      if communicator.isRoot { progress.note("nothing to do: \(first) steps are done") }
      return .done
    }
    let loader = BatchLoader(
      source: session.data.training, sampler: session.sampler, transform: session.data.transform,
      rank: communicator.rank, worldSize: communicator.worldSize, firstStep: first,
      settings: LoaderSettings(workerCount: max(1, configuration.data.workers)))
    try communicator.together { try loader.waitUntilReady() }

    let heartbeat = try session.startWatchdog(progress)
    defer { heartbeat?.finish() }
    let status = try StepPhase.$heartbeat.withValue(heartbeat) {
      try train(first + 1...last, loader, metrics)
    }
    progress.end()
    return status
  }

  private func train(
    _ steps: ClosedRange<Int>, _ loader: BatchLoader, _ metrics: MetricsLog?
  ) throws -> ExitStatus {
    var slowRanks = SlowRanks()
    for step in steps {
      let start = ContinuousClock.now
      clock.begin()
      StepPhase.enter("data", step: step)
      let batches = try Trace.span("data") {
        try communicator.together {
          defer { StepPhase.enter("data", waits: true) }
          let batches = try loader.next()
          clock.hasLoaded()
          return batches
        }
      }
      clock.haveAllLoaded()
      let (losses, stopRequested) = try Trace.span("step \(step)") {
        try takeStep(step, batches)
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      slowRanks.add(ownSeconds: rankTimes.map { $0[0] + $0[1] })
      StepPhase.enter("validation")
      let scores = try validate(step)
      try record(step, losses, scores, seconds: seconds, to: metrics)
      let isLast = step == steps.upperBound || stopRequested
      // Before a checkpoint: one of ranks that have come apart would be of no use.
      try compareRanksIfDue(step, isLast: isLast)
      StepPhase.enter("save")
      try saveIfDue(step, isLast: isLast, scores: scores, metrics)
      StepPhase.enter("samples")
      drawSamplesIfDue(step, isLast: isLast)
      let isDone = step == configuration.training.steps
      display?.refresh(step, isDone ? .done : isLast ? .stopped : .running)
      for finding in try slowRanks.findings(after: step, communicator) where communicator.isRoot {
        progress.warn(finding)
      }
      if isLast { return step < steps.upperBound ? .stopped : .done }
    }
    return .done
  }

  /// Gradients of all replicas, their sum over all ranks, and the updates.
  private func takeStep(_ step: Int, _ batches: [ReplicaBatch]) throws -> (LossTerms, Bool) {
    var replicaLosses: [[Double]] = []
    StepPhase.enter("forward")
    try model.sumGradients(batches) { replicaLosses.append($0.map(\.value)) }
    guard model.networks.allSatisfy(\.gradientsAreFinite) else {
      throw RunError(
        .failure,
        "step \(step): a gradient is not a finite number; the last checkpoint is intact. "
          + "Start a new run with a lower optimizer.learning_rate.", isShared: true)
    }
    StepPhase.enter("update")
    model.update(step: step)
    afterUpdate?(step, model)
    StepPhase.enter("losses", waits: true)
    return try exchange(replicaLosses)
  }

  /// The mean of every loss over all replicas, in an order that the number of ranks does not change,
  /// and whether any rank was asked to stop.
  private func exchange(_ replicaLosses: [[Double]]) throws -> (LossTerms, Bool) {
    let request = StopSignals.pending == nil ? 0.0 : 1.0
    let times = clock.parts(
      exposedSeconds: model.networks.reduce(0) { $0 + $1.gradients.exposedSeconds })
    let received = try communicator.allGather([request] + times + replicaLosses.flatMap { $0 })
    rankTimes = received.map { Array($0[1...times.count]) }
    let names = model.lossNames
    let replicas = received.flatMap { values in
      stride(from: 1 + times.count, to: values.count, by: names.count)
        .map { Array(values[$0..<$0 + names.count]) }
    }
    let means = treeSum(replicas).map { $0 / Double(replicas.count) }
    return (
      zip(names, means).map { (name: $0, value: $1) }, received.contains { $0[0] != 0 }
    )
  }

  /// Scores on the held-out pictures, spread over the ranks; empty where none are due.
  private func validate(_ step: Int) throws -> [(name: String, value: Double)] {
    let every = configuration.validation.every
    guard every > 0, step.isMultiple(of: every), let validation else { return [] }
    return try Trace.span("validation") { try validation.scores(of: model) }
  }

  private func record(
    _ step: Int, _ losses: LossTerms, _ scores: [(name: String, value: Double)], seconds: Double,
    to metrics: MetricsLog?
  ) throws {
    guard let metrics else { return }
    let images = step * configuration.training.batch
    let imagesPerSecond = Double(configuration.training.batch) / seconds
    var line = JSONRecord()
    line.add("step", step)
    line.add("epoch", images / session.sampler.datasetCount)
    line.add("images", images)
    for loss in losses { line.add(loss.name, loss.value) }
    for score in scores { line.add("validation_\(score.name)", score.value) }
    if let skipped = session.data.skippedCount { line.add("skipped_images", skipped) }
    line.add("images_per_second", imagesPerSecond)
    line.add("seconds", seconds)
    do {
      try metrics.append(line)
    } catch {
      progress.warn("\(error)")
    }
    display?.add(step, losses, scores, seconds: seconds, rankTimes: rankTimes)
    progress.step(step, imagesPerSecond: imagesPerSecond, losses: losses)
    if !scores.isEmpty {
      progress.note(
        "validation at step \(step): "
          + scores.map { "\($0.name) \(String(format: "%.3f", $0.value))" }.joined(separator: "  "))
    }
  }

  private func saveIfDue(
    _ step: Int, isLast: Bool, scores: [(name: String, value: Double)], _ metrics: MetricsLog?
  ) throws {
    if let writer {
      // Before this save, which may fail and end the run: what became of the last one is told in any
      // case.
      if isLast { writer.waitUntilIdle() }
      reportSaves(of: writer)
    }
    let every = configuration.checkpoint.every
    guard isLast || (every > 0 && step.isMultiple(of: every)) else { return }
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
        let report = try writer.saveAndWait(snapshot)
        for warning in report.warnings { progress.warn(warning) }
        progress.note("saved \(report.directory)")
        return []
      }
    } else if !writer.submit(snapshot) {
      progress.warn("no checkpoint of step \(step): the one before it is still being written")
    }
  }

  /// Tells what became of the saves that have ended.
  private func reportSaves(of writer: BackgroundCheckpointWriter) {
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

  private func drawSamplesIfDue(_ step: Int, isLast: Bool) {
    let settings = configuration.validation
    let isDue = settings.samplesEvery > 0 && step.isMultiple(of: settings.samplesEvery)
    guard communicator.isRoot, isLast || isDue, let validation else { return }
    let path = session.directory.samples(step: step)
    do {
      let sheet = validation.sheet(
        of: model, title: "\(configuration.experiment), step \(step)")
      try sheet.write(to: path)
      display?.add(step, sampleSheet: sheet)
    } catch {
      progress.warn("\(error)")
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

  private func describeStart(_ first: Int) {
    guard communicator.isRoot else { return }
    progress.note(
      """
      \(([session.data.training.summary] + session.data.notes).joined(separator: "\n"))
      \(communicator.worldSize) ranks, \(session.layout.replicas) replicas, \(session.threads) \
      threads a rank, \(communicator.transportDescription); reduction by polling
      run folder \(session.directory.path), starting at step \(first + 1)
      """)
    if validation == nil {
      progress.note("no image is held out of training: no scores, no sample sheets")
    }
  }
}

extension RetentionPolicy {
  /// The policy that a configuration asks for.
  fileprivate init(_ checkpoint: CheckpointConfiguration) {
    let best = Best(
      metric: checkpoint.bestMetric.rawValue,
      largerIsBetter: checkpoint.bestMetric != .l1HolePercent, count: max(checkpoint.keepBest, 1))
    self.init(
      keepLast: checkpoint.keepLast, keepEvery: checkpoint.keepEvery,
      best: checkpoint.keepBest > 0 ? best : nil)
  }
}

extension TrainedNetwork {
  /// Adds parameters, moments and buffers to a hash.
  func addState(to hash: inout StateHash) {
    for (parameter, range) in zip(arena.parameters, arena.ranges) {
      for (kind, memory) in [
        ("", arena.values), (" first moment", optimizer.firstMoment),
        (" second moment", optimizer.secondMoment),
      ] {
        memory.withUnsafeFloats {
          hash.add("\(name).\(parameter.name)\(kind)", UnsafeBufferPointer(rebasing: $0[range]))
        }
      }
    }
    for buffer in buffers {
      buffer.value.withUnsafeFloats { hash.add("\(name).\(buffer.name)", $0) }
    }
  }
}

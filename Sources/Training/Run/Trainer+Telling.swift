import Communication
import Configuration
import Datasets
import Foundation
import Images
import Kernels
import Reports
import Running
import Tracing

extension Trainer {
  /// Scores and shows the weights before step 1.
  func scoreFirstWeights() throws {
    StepPhase.enter("validation")
    guard let validation, validation.isScored else { return }
    let scores = try Trace.span("validation") { try validation.scores() }
    drawSamples(after: 0)
    var line = JSONRecord()
    line.add("step", 0)
    for score in scores { line.add("validation_\(score.name)", score.value) }
    do {
      try metrics?.append(line)
    } catch {
      warn("\(error)")
    }
    display?.add(firstScores: scores)
    report(scores, after: 0)
  }

  private func report(_ scores: [(name: String, value: Double)], after step: Int) {
    guard !scores.isEmpty else { return }
    note(
      "validation at step \(step): "
        + scores.map { "\($0.name) \(String(format: "%.3f", $0.value))" }.joined(separator: "  "))
  }

  /// Tells people, on rank 0.
  func note(_ text: String) {
    if communicator.isRoot { progress.note(text) }
  }

  /// Warns people, on rank 0.
  func warn(_ text: String) {
    if communicator.isRoot { progress.warn(text) }
  }

  /// Scores on the held-out pictures, spread over the ranks; empty where none are due.
  func validate(_ step: Int) throws -> [(name: String, value: Double)] {
    let every = configuration.validation.every
    guard every > 0, step.isMultiple(of: every), let validation, validation.isScored else {
      return []
    }
    return try Trace.span("validation") { try validation.scores() }
  }

  func record(
    _ step: Int, _ outcome: StepOutcome, _ scores: [(name: String, value: Double)], seconds: Double
  ) throws {
    guard let metrics else { return }
    let images = session.images(after: step)
    let imagesPerSecond = Double(session.imagesPerStep) / seconds
    var line = JSONRecord()
    line.add("step", step)
    line.add("epoch", images / session.sampler.datasetCount)
    line.add("images", images)
    for loss in outcome.losses { line.add(loss.name, loss.value) }
    let signs = signs(after: step, outcome)
    for sign in signs { line.add(sign.name, sign.value) }
    for score in scores { line.add("validation_\(score.name)", score.value) }
    if session.earlyStop.isDue { line.add(RunStatus.earlyEnd, 1) }
    if let skipped = session.data.skippedCount { line.add("skipped_images", skipped) }
    let setbacks = session.setbacks
    if setbacks.skippedUpdates > 0 { line.add("skipped_updates", setbacks.skippedUpdates) }
    if setbacks.rollbacks > 0 { line.add("rollbacks", setbacks.rollbacks) }
    line.add("images_per_second", imagesPerSecond)
    line.add("seconds", seconds)
    let costs = costs(of: step, outcome)
    for cost in costs { line.add(cost.name, cost.value) }
    do {
      try metrics.append(line)
    } catch {
      progress.warn("\(error)")
    }
    display?.add(
      step, outcome.losses + signs, scores, costs: costs, seconds: seconds,
      rankTimes: outcome.rankTimes)
    for warning in lossMonitor.warnings(for: outcome.losses)
      + lossMonitor.warnings(forValidation: scores)
    {
      progress.warn("step \(step): \(warning)")
    }
    if let score = scores.first { lastScore = score }
    progress.step(
      step, imagesPerSecond: imagesPerSecond, score: lastScore, losses: outcome.losses)
    report(scores, after: step)
  }

  /// Steps between two signs that take a look at all parameters.
  private static var stepsPerCostlySign: Int { 100 }

  /// What tells beside the losses how training goes; those that cost something, at some steps alone.
  private func signs(after step: Int, _ outcome: StepOutcome) -> LossTerms {
    let isDue = step.isMultiple(of: Self.stepsPerCostlySign)
    var signs: LossTerms = []
    for network in model.networks {
      signs.append(("\(network.name)_gradient_norm", network.gradientNorm))
      signs.append(("\(network.name)_learning_rate", network.learningRate(at: step)))
      if let wasClipped = network.wasClipped {
        signs.append(("\(network.name)_clipped", wasClipped ? 1 : 0))
      }
      // A step that was left out has changed nothing.
      if isDue, network.gradientNorm.isFinite {
        signs.append(("\(network.name)_update_ratio", network.updateRatio(at: step)))
      }
    }
    return signs
  }

  /// What the step has taken: not the same in two runs of the same bits.
  private func costs(of step: Int, _ outcome: StepOutcome) -> LossTerms {
    [("data_seconds", outcome.rankTimes.map { $0[StepClock.data] }.max() ?? 0)]
      + (step.isMultiple(of: Self.stepsPerCostlySign)
        ? [("peak_memory_mib", Double(peakResidentBytes() >> 20))] : [])
  }

  func drawSamplesIfDue(_ step: Int, isLast: Bool) {
    let settings = configuration.validation
    let isDue = settings.samplesEvery > 0 && step.isMultiple(of: settings.samplesEvery)
    guard isLast || isDue else { return }
    drawSamples(after: step)
  }

  private func drawSamples(after step: Int) {
    guard communicator.isRoot, let validation else { return }
    let path = session.directory.samples(step: step)
    do {
      let sheet = validation.sheet(title: "\(configuration.experiment), step \(step)")
      try sheet.write(to: path)
      display?.add(step, sampleSheet: sheet)
    } catch {
      progress.warn("\(error)")
    }
  }

  func describeStart(_ first: Int) {
    guard communicator.isRoot else { return }
    progress.note(
      """
      \(([session.data.training.summary] + session.data.notes).joined(separator: "\n"))
      \(communicator.worldSize) ranks, \(session.layout.replicas) replicas, \(session.threads) \
      threads a rank, oneDNN \(convolutionLibraryVersion), \(communicator.transportDescription); \
      reduction by polling
      run folder \(session.directory.path), starting at step \(first + 1)
      """)
    if validation?.isScored != true, session.data.validation == nil {
      progress.note(
        "no image is held out of training: no scores"
          + (validation == nil ? ", no sample sheets" : ""))
    }
  }
}

import Communication
import Datasets
import Training

/// One step of a model, measured; all its updates work on the same batch.
struct TimedStep {
  /// When the gradients of each update were ready.
  private(set) var timelines: [StepTimeline] = []
  /// Seconds of the whole step.
  private(set) var totalSeconds = 0.0
  /// Seconds that gradients were waited for once they were computed.
  private(set) var exposedSeconds = 0.0

  /// Seconds that the optimisers took.
  var optimizerSeconds: Double { timelines.reduce(0) { $0 + $1.updateSeconds } }

  /// Takes a step.
  ///
  /// - Parameters:
  ///   - step: The step, counted from 1.
  ///   - model: The model, which the step changes.
  ///   - batches: The batch of each replica of this rank, in order.
  /// - Throws: What went wrong between the ranks.
  init(_ step: Int, of model: any AdversarialModel, _ batches: [ReplicaBatch]) throws {
    let start = monotonicSeconds()
    let updates = model.updates
    for index in model.dueUpdates(at: step) {
      let update = updates[index]
      let begun = monotonicSeconds()
      try model.sumGradients(batches, for: index) { _ in }
      let computed = monotonicSeconds()
      model.update(index, step: step)
      timelines.append(
        Self.timeline(
          of: update, begun: begun, computeSeconds: computed - begun,
          updateSeconds: monotonicSeconds() - computed))
      exposedSeconds += update.exposedSeconds
    }
    totalSeconds = monotonicSeconds() - start
  }

  private static func timeline(
    of update: ModelUpdate, begun: Double, computeSeconds: Double, updateSeconds: Double
  ) -> StepTimeline {
    var buckets: [StepTimeline.Bucket] = []
    var gradients = 0
    for network in update.networks {
      gradients += network.gradients.plan.parameters.count
      for timing in network.gradients.timings {
        buckets.append(
          StepTimeline.Bucket(
            readySeconds: (timing.postedSeconds ?? begun) - begun,
            bytes: network.gradients.messageBytes(timing.elements.count)))
      }
    }
    buckets.sort { $0.readySeconds < $1.readySeconds }
    let first = buckets.first?.readySeconds ?? computeSeconds
    return StepTimeline(
      buckets: buckets, computeSeconds: computeSeconds, updateSeconds: updateSeconds,
      pollSeconds: (computeSeconds - first) / Double(max(gradients, 1)))
  }
}

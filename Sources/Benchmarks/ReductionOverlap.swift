import Communication
import Running
import Training

/// How much of the sum over the ranks is hidden behind backward.
package struct ReductionOverlap: Equatable, Sendable {
  /// The size of all gradients of a step in the messages that carry them.
  package let bytes: Int
  /// The duration of the sum with nothing computed beside it: the median of several.
  package let reductionSeconds: Double
  /// How long a step waits for the sum once all gradients are computed: the median of the steps.
  package let exposedSeconds: Double

  /// The part of the sum's duration that a step does not wait for, in 0...1.
  package var hiddenShare: Double {
    reductionSeconds > 0 ? min(max(1 - exposedSeconds / reductionSeconds, 0), 1) : 0
  }

  /// Describes an overlap.
  package init(bytes: Int, reductionSeconds: Double, exposedSeconds: Double) {
    self.bytes = bytes
    self.reductionSeconds = reductionSeconds
    self.exposedSeconds = exposedSeconds
  }

  /// Measures the sum alone, after steps whose waiting is known; collective.
  ///
  /// - Parameters:
  ///   - model: The model whose gradients are summed; their values are lost.
  ///   - exposedSeconds: `exposedSeconds(own:_:)` of each step.
  ///   - replicas: The number of this rank's replicas.
  ///   - communicator: The ranks.
  /// - Returns: The same on every rank.
  /// - Throws: What went wrong between the ranks.
  static func measure(
    _ model: any AdversarialModel, exposedSeconds: [Double], replicas: Int,
    _ communicator: any Communicator
  ) throws(CommunicationError) -> ReductionOverlap {
    var durations: [Double] = []
    for _ in 0..<5 {
      try communicator.barrier()
      let start = monotonicSeconds()
      try model.sumGradientsAsTheyAre(replicas: replicas)
      let duration = monotonicSeconds() - start
      durations.append(try communicator.allGather([duration]).map { $0[0] }.max() ?? duration)
    }
    let bytes = model.updates.flatMap(\.networks)
      .reduce(0) { $0 + $1.gradients.messageBytes($1.gradients.plan.elementCount) }
    return ReductionOverlap(
      bytes: bytes, reductionSeconds: median(durations),
      exposedSeconds: median(exposedSeconds))
  }

  /// How long a step waited for the sum, from each rank's own time; collective.
  ///
  /// Of all ranks the one that waited least counts: it was the last to compute its gradients, while
  /// the others waited for it and not for the network.
  static func exposedSeconds(
    own: Double, _ communicator: any Communicator
  ) throws(CommunicationError) -> Double {
    try communicator.allGather([own]).map { $0[0] }.min() ?? own
  }
}

/// The middle of the sorted values, the upper one of two.
///
/// - Precondition: There is a value.

extension AdversarialModel {
  /// Sums over all ranks what lies in the gradient buffers, without computing anything.
  fileprivate func sumGradientsAsTheyAre(replicas: Int) throws(CommunicationError) {
    for update in updates {
      for network in update.networks { network.gradients.beginStep() }
      for _ in 0..<replicas {
        for network in update.networks {
          for parameter in network.gradients.plan.parameters.indices {
            try network.gradients.markReady(parameter)
          }
        }
      }
      for network in update.networks { try network.gradients.finish() }
    }
  }
}

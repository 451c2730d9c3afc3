import Communication
package import Datasets
package import Models
package import TensorCore
import Tracing

/// The names and values of one replica's losses, in the order in which they are reported.
package typealias LossTerms = [(name: String, value: Double)]

/// One update within a step: networks that are updated from the gradients of one batch.
package struct ModelUpdate {
  /// What traces and messages call it, such as "critics 2".
  package let name: String
  /// The networks that it updates.
  package let networks: [TrainedNetwork]
  /// The names of the losses that it reports, in order.
  package let lossNames: [String]

  /// Describes an update.
  package init(name: String, networks: [TrainedNetwork], lossNames: [String]) {
    (self.name, self.networks, self.lossNames) = (name, networks, lossNames)
  }

  /// How long the last such update waited for the sums of its gradients, in seconds.
  package var exposedSeconds: Double { networks.reduce(0) { $0 + $1.gradients.exposedSeconds } }
}

/// A kind of model that the trainer can train: its networks, losses and step.
///
/// A model knows nothing of ranks: it hands over the gradients of one replica at a time, and the
/// trainer sums them over replicas and updates the networks.
package protocol InpaintingModel: AnyObject {
  /// The networks, the generator first.
  var networks: [TrainedNetwork] { get }

  /// The updates of a step, in order, each on a batch of its own.
  var updates: [ModelUpdate] { get }

  /// The discriminator has won where its loss stays below this for long; nil where its loss does not
  /// tell.
  var discriminatorWinsBelow: Double? { get }

  /// Computes the losses of all replicas of this rank for one update, and hands the gradients over to
  /// the networks that it updates.
  ///
  /// - Parameters:
  ///   - update: Which of `updates`.
  ///   - batches: The batch of each replica, in order.
  ///   - report: Receives the losses of each replica, in order.
  /// - Throws: What went wrong between the ranks.
  func computeGradients(
    for update: Int, ofReplicas batches: [ReplicaBatch], report: (LossTerms) -> Void
  ) throws

  /// Fills holes, with the running average of the generator where there is one.
  ///
  /// - Parameters:
  ///   - images: RGB in [-1, 1], [N, 3, H, W]; H and W are multiples that the
  ///     generator takes.
  ///   - holes: 1 = hole, [N, 1, H, W].
  /// - Returns: The generator's pictures, with and without the known pixels.
  func fill(images: Tensor, holes: Tensor) -> FilledPictures
}

extension InpaintingModel {
  /// The names of all losses of a step.
  package var lossNames: [String] {
    var names: [String] = []
    for name in updates.flatMap(\.lossNames) where !names.contains(name) { names.append(name) }
    return names
  }

  /// How often a step updates a network.
  package func updateCount(of network: TrainedNetwork) -> Int {
    updates.count { $0.networks.contains { $0 === network } }
  }

  /// Computes the gradients of this rank's replicas and sums them over all ranks.
  ///
  /// - Parameters:
  ///   - batches: The batch of each replica of this rank, in order.
  ///   - index: Which of the updates of a step.
  ///   - report: Receives the losses of each replica, in order.
  /// - Throws: What went wrong between the ranks.
  package func sumGradients(
    _ batches: [ReplicaBatch], for index: Int = 0, report: (LossTerms) -> Void
  ) throws {
    let networks = updates[index].networks
    for network in networks { network.beginUpdate() }
    try computeGradients(for: index, ofReplicas: batches, report: report)
    StepPhase.enter("reduction", waits: true)
    for network in networks {
      try Trace.span("wait for the sums of \(network.name)", .communication) {
        try network.finish()
      }
    }
    for network in networks { network.traceReduction() }
  }

  /// Updates networks from the summed gradients.
  ///
  /// - Parameters:
  ///   - index: Which of the updates of a step.
  ///   - step: The step, counted from 1.
  package func update(_ index: Int = 0, step: Int) {
    Trace.span("optimiser") {
      for network in updates[index].networks { network.update(step: step) }
    }
  }
}

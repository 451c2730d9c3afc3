import Communication
package import Datasets
package import TensorCore
import Tracing

/// The names and values of one replica's losses, in the order in which they are reported.
package typealias LossTerms = [(name: String, value: Double)]

/// A kind of model that the trainer can train: its networks, losses and step.
///
/// A model knows nothing of ranks: it hands over the gradients of one replica at a time, and the
/// trainer sums them over replicas and updates the networks.
package protocol InpaintingModel: AnyObject {
  /// The networks, the generator first.
  var networks: [TrainedNetwork] { get }

  /// The names of the losses that `computeGradients` reports, in its order.
  var lossNames: [String] { get }

  /// Computes one replica's losses and hands the gradients of all networks over to them.
  func computeGradients(of batch: ReplicaBatch) throws -> LossTerms

  /// Computes the losses of all replicas of this rank, as far as they depend on each other.
  ///
  /// The default computes one after another, for models whose replicas share nothing.
  func computeGradients(
    ofReplicas batches: [ReplicaBatch], report: (LossTerms) -> Void
  ) throws

  /// Fills holes, with the running average of the generator where there is one.
  ///
  /// - Parameters:
  ///   - images: RGB in [-1, 1], [N, 3, H, W]; H and W are multiples of 4.
  ///   - holes: 1 = hole, [N, 1, H, W].
  /// - Returns: The generator's pictures, with and without the known pixels.
  func fill(images: Tensor, holes: Tensor) -> FilledPictures
}

extension InpaintingModel {
  package func computeGradients(
    ofReplicas batches: [ReplicaBatch], report: (LossTerms) -> Void
  ) throws {
    for batch in batches {
      report(try Trace.span("replica \(batch.replica)") { try computeGradients(of: batch) })
    }
  }

  /// Computes the gradients of this rank's replicas and sums them over all ranks.
  ///
  /// - Parameters:
  ///   - batches: The batch of each replica of this rank, in order.
  ///   - report: Receives the losses of each replica, in order.
  /// - Throws: What went wrong between the ranks.
  package func sumGradients(_ batches: [ReplicaBatch], report: (LossTerms) -> Void) throws {
    for network in networks { network.beginStep() }
    try computeGradients(ofReplicas: batches, report: report)
    StepPhase.enter("reduction", waits: true)
    for network in networks {
      try Trace.span("wait for the sums of \(network.name)", .communication) {
        try network.finish()
      }
    }
    for network in networks { network.traceReduction() }
  }

  /// Updates all networks from the summed gradients.
  ///
  /// - Parameter step: The step that ends, counted from 1.
  package func update(step: Int) {
    Trace.span("optimiser") {
      for network in networks { network.update(step: step) }
    }
  }
}

/// What a generator makes of pictures with holes, [N, 3, H, W] in [-1, 1].
package struct FilledPictures {
  /// The generator's whole picture.
  package let generated: Tensor
  /// The generator's picture inside holes, the known pixels elsewhere.
  package let composite: Tensor

  /// Collects both.
  package init(generated: Tensor, composite: Tensor) {
    (self.generated, self.composite) = (generated, composite)
  }
}

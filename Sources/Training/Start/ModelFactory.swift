package import Communication
package import Configuration
import Layers
import Optimizers
import TensorCore

/// Makes the model that a configuration asks for.
///
/// - Throws: What is wrong with files that the model is made of.
package func makeModel(
  _ configuration: RunConfiguration, communicator: any Communicator, layout: ReplicaLayout
) throws -> any AdversarialModel {
  let parts = ModelParts(configuration: configuration, communicator: communicator, layout: layout)
  return switch configuration.model.kind {
  case .dmfn: try DMFNModel(parts)
  case .deepfill: DeepFillModel(parts)
  case .dcgan: DCGANModel(parts)
  }
}

/// What every kind of model is made from.
struct ModelParts {
  let configuration: RunConfiguration
  let communicator: any Communicator
  let layout: ReplicaLayout

  /// Draws the first values of all parameters.
  var initializer: Initializer { Initializer(seed: configuration.seed) }

  /// The type of feature maps.
  var precision: ElementType { configuration.training.precision == .bf16 ? .bfloat16 : .float32 }

  /// Prepares a network for training.
  ///
  /// - Parameters:
  ///   - name: The name of its file in a checkpoint.
  ///   - module: The network.
  ///   - channel: Tells the networks' messages apart, 0, 1, ...
  /// - Returns: The network with its gradients and optimiser.
  func trainedNetwork(_ name: String, _ module: any Module, _ channel: Int) -> TrainedNetwork {
    let (training, optimizer) = (configuration.training, configuration.optimizer)
    var reduction = ReductionSettings()
    reduction.bucketBytes = training.bucketBytes
    reduction.wireFormat = training.wireFormat == .fp32 ? .float32 : .bfloat16
    reduction.mode = training.reduction == .canonical ? .canonical : .fast
    return TrainedNetwork(
      name: name, module: module, channel: channel, communicator: communicator, layout: layout,
      reduction: reduction,
      settings: AdamSettings(
        learningRate: optimizer.learningRate, beta1: optimizer.beta1, beta2: optimizer.beta2,
        epsilon: optimizer.epsilon),
      schedule: LearningRateSchedule(
        initialRate: optimizer.learningRate, milestones: optimizer.milestones,
        decay: optimizer.decay))
  }
}

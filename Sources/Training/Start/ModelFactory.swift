package import Communication
package import Configuration
import Foundation
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
    let training = configuration.training
    var reduction = ReductionSettings()
    reduction.bucketBytes = training.bucketBytes
    reduction.wireFormat = training.wireFormat == .fp32 ? .float32 : .bfloat16
    reduction.mode = training.reduction == .canonical ? .canonical : .fast
    return TrainedNetwork(
      name: name, module: module, channel: channel, communicator: communicator, layout: layout,
      reduction: reduction,
      settings: adam(isDiscriminator: channel > 0),
      schedule: schedule(isDiscriminator: channel > 0))
  }

  /// Adam's numbers.
  ///
  /// With lazy R1 the discriminator makes one more update in `r1_every` steps: rate and decays are those
  /// that give as much in as many steps.
  ///
  /// - Reference: Karras et al. 2020, arXiv 1912.04958, appendix B.
  private func adam(isDiscriminator: Bool) -> AdamSettings {
    let (optimizer, own) = (configuration.optimizer, configuration.optimizer.discriminator)
    var settings = AdamSettings(
      learningRate: optimizer.learningRate, beta1: optimizer.beta1, beta2: optimizer.beta2,
      epsilon: optimizer.epsilon)
    guard isDiscriminator else { return settings }
    if own.separate {
      (settings.learningRate, settings.beta1, settings.beta2) = (
        own.learningRate, own.beta1, own.beta2
      )
    }
    if let share = lazyShare {
      settings.learningRate *= share
      settings.beta1 = pow(settings.beta1, share)
      settings.beta2 = pow(settings.beta2, share)
    }
    return settings
  }

  private func schedule(isDiscriminator: Bool) -> LearningRateSchedule {
    let optimizer = configuration.optimizer
    let isOwn = isDiscriminator && optimizer.discriminator.separate
    return LearningRateSchedule(
      initialRate: adam(isDiscriminator: isDiscriminator).learningRate,
      milestones: optimizer.milestones, decay: optimizer.decay,
      warmup: isOwn ? optimizer.discriminator.warmup : optimizer.warmup)
  }

  /// Steps as a share of the discriminator's updates; nil where each step makes one.
  private var lazyShare: Double? {
    let adversarial = configuration.adversarial
    guard adversarial.r1 > 0 else { return nil }
    return Double(adversarial.r1Every) / Double(adversarial.r1Every + 1)
  }
}

package import Communication
package import Configuration
import Foundation
import Layers
import Optimizers
import Running
import Spelling
import TensorCore

/// Makes the model that a configuration asks for.
///
/// - Throws: What is wrong with files that the model is made of.
package func makeModel(
  _ configuration: RunConfiguration, communicator: any Communicator, layout: ReplicaLayout
) throws -> any AdversarialModel {
  let parts = ModelParts(configuration: configuration, communicator: communicator, layout: layout)
  let model: any AdversarialModel =
    switch configuration.model.kind {
    case .dmfn: try DMFNModel(parts)
    case .deepfill: DeepFillModel(parts)
    case .dcgan: DCGANModel(parts)
    }
  try model.checkFrozen(configuration.optimizer.frozen)
  return model
}

extension AdversarialModel {
  /// Makes sure that each pattern of `optimizer.frozen` names something, and that something is left to train.
  fileprivate func checkFrozen(_ patterns: [String]) throws {
    guard !patterns.isEmpty else { return }
    for network in networks {
      let names = network.parameters.map { "\(network.name).\($0.name)" }
      guard names.contains(where: { !UpdateLimits(frozen: patterns).freezes($0) }) else {
        throw RunError(
          .usage,
          "optimizer.frozen: nothing of the \(network.name) is left to train; name fewer parameters"
        )
      }
    }
    let names = networks.flatMap { network in
      network.parameters.map { "\(network.name).\($0.name)" }
    }
    for pattern in patterns where !names.contains(where: { isMatch($0, pattern: pattern) }) {
      throw RunError(
        .usage,
        "optimizer.frozen: \(pattern) is no parameter's name; the nearest is "
          + "\(nearestName(to: pattern, among: names) ?? "")")
    }
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
    reduction.wireFormat = WireFormat(training.wireFormat)
    reduction.mode = training.reduction == .canonical ? .canonical : .fast
    return TrainedNetwork(
      name: name, module: module, channel: channel, communicator: communicator, layout: layout,
      reduction: reduction,
      settings: adam(isDiscriminator: channel > 0),
      schedule: schedule(isDiscriminator: channel > 0), limits: limits(isDiscriminator: channel > 0)
    )
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
    let (optimizer, own) = (configuration.optimizer, configuration.optimizer.discriminator)
    let isOwn = isDiscriminator && own.separate
    return LearningRateSchedule(
      initialRate: adam(isDiscriminator: isDiscriminator).learningRate,
      fall: isOwn ? own.fall(optimizer, steps) : optimizer.fall(steps),
      warmup: isOwn ? own.warmup : optimizer.warmup)
  }

  private var steps: Int { configuration.training.steps }

  private func limits(isDiscriminator: Bool) -> UpdateLimits {
    let (optimizer, own) = (configuration.optimizer, configuration.optimizer.discriminator)
    return UpdateLimits(
      clipNorm: isDiscriminator && own.separate ? own.clipNorm : optimizer.clipNorm,
      frozen: optimizer.frozen)
  }

  /// Steps as a share of the discriminator's updates; nil where each step makes one.
  private var lazyShare: Double? {
    let adversarial = configuration.adversarial
    guard adversarial.r1 > 0 else { return nil }
    return Double(adversarial.r1Every) / Double(adversarial.r1Every + 1)
  }
}

extension OptimizerConfiguration {
  fileprivate func fall(_ steps: Int) -> LearningRateSchedule.Fall {
    switch schedule {
    case .steps: .atMilestones(milestones, factor: decay)
    case .cosine: .cosine(steps: steps, finalShare: finalShare)
    case .linear: .linear(steps: steps, finalShare: finalShare)
    }
  }
}

extension DiscriminatorOptimizerConfiguration {
  fileprivate func fall(
    _ generator: OptimizerConfiguration, _ steps: Int
  ) -> LearningRateSchedule.Fall {
    switch schedule {
    case .same: generator.fall(steps)
    case .steps: .atMilestones(milestones, factor: decay)
    case .cosine: .cosine(steps: steps, finalShare: finalShare)
    case .linear: .linear(steps: steps, finalShare: finalShare)
    }
  }
}

extension WireFormat {
  fileprivate init(_ setting: TrainingConfiguration.WireFormat) {
    self =
      switch setting {
      case .fp32: .float32
      case .bf16: .bfloat16
      case .int8: .int8
      }
  }
}

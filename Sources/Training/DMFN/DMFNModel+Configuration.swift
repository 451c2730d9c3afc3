import Checkpoints
import Communication
package import Configuration
import GeneratorFiles
import Layers
import Losses
package import Models
import Running
import TensorCore

extension DMFNModel {
  /// The model that a configuration asks for.
  ///
  /// - Throws: What is wrong with the file of perceptual weights.
  convenience init(_ parts: ModelParts) throws {
    let (configuration, initializer) = (parts.configuration, parts.initializer)
    // One replica is the whole batch.
    let sharesStatistics =
      configuration.training.batchStatistics == .global && parts.layout.replicas > 1
    func generator() -> Generator {
      var generator = Generator(GeneratorSettings(configuration.model), initializer: initializer)
      generator.precision = parts.precision
      generator.recomputes = configuration.training.recompute
      generator.compositeKind = configuration.model.composite
      return generator
    }
    var discriminator = makeDiscriminator(configuration, initializer: initializer)
    discriminator.precision = parts.precision
    var features = try perceptualFeatures(configuration, initializer: initializer)
    features?.precision = parts.precision
    features?.recomputes = configuration.training.recompute
    let decay = AverageDecay(configuration.training)
    self.init(
      generator: generator(), averaged: decay.map { (generator(), $0) },
      discriminator: discriminator, features: features,
      losses: DMFNLossSettings(configuration), noise: DMFNNoise(configuration),
      adversarial: AdversarialSettings(configuration),
      globalSum: sharesStatistics
        ? GlobalBatchSum(communicator: parts.communicator, layout: parts.layout) : nil,
      train: parts.trainedNetwork)
  }
}

/// The discriminator that a configuration asks for.
private func makeDiscriminator(
  _ configuration: RunConfiguration, initializer: Initializer
) -> any PictureDiscriminator {
  let (model, side) = (configuration.model, configuration.data.side)
  return switch model.discriminator {
  case .dmfn:
    Discriminator(
      width: model.width, side: side, norm: model.discriminatorNorm, initializer: initializer)
  case .patch:
    PatchDiscriminator(
      width: model.width, side: side, norm: model.discriminatorNorm, initializer: initializer)
  }
}

/// VGG-19 with the configured weights, or nil where there are none.
///
/// - Throws: `RunError` where the file holds no usable features.
private func perceptualFeatures(
  _ configuration: RunConfiguration, initializer: Initializer
) throws -> VGG19? {
  let perceptual = configuration.perceptual
  let normalization = perceptual.normalisation
  switch perceptual.weightSource {
  case .none:
    return nil
  case .random:
    return VGG19(
      weights: VGG19.randomWeights(initializer: initializer), normalization: normalization)
  case .file:
    let file = try readWeights(
      perceptual.weights,
      remedy: "set perceptual.weights to torchvision's vgg19 weights, or to \"\"")
    var weights: [String: Tensor] = [:]
    for (name, shape) in VGG19.expectedShapes() where file[name] != nil {
      let stored = try file.tensor(name)
      guard stored.shape == shape.dimensions else {
        throw RunError(
          .badData,
          "\(perceptual.weights): \(name) is \(stored.shape), but VGG-19 has \(shape); "
            + "give torchvision's vgg19 weights")
      }
      weights[name] = Tensor(stored.floats(), shape: shape)
    }
    let features = VGG19(weights: weights, normalization: normalization)
    guard features.mapCount > 0 else {
      throw RunError(
        .badData,
        "\(perceptual.weights): no features.0.weight and features.0.bias; "
          + "give torchvision's vgg19 weights, or set perceptual.weights to \"\"")
    }
    return features
  }
}

extension GeneratorSettings {
  /// The generator that a configuration asks for.
  package init(_ model: ModelConfiguration) {
    self.init(
      width: model.width, blocks: model.blocks,
      block: model.block, attention: model.attention, upsampling: model.upsampling,
      noise: model.noise)
  }
}

extension DMFNLossSettings {
  /// The losses that a configuration asks for.
  package init(_ configuration: RunConfiguration) {
    self.init()
    let perceptual = configuration.perceptual
    weights = configuration.loss
    featureLayers = Set(perceptual.featureLayers.map(\.index))
    guidedLayers = Set(perceptual.guidedLayers.map(\.index))
    alignmentLayer = perceptual.alignmentLayer.index
  }
}

extension PerceptualConfiguration.Layer {
  /// The number of the map, counted from 0.
  fileprivate var index: Int {
    switch self {
    case .relu1: 0
    case .relu2: 1
    case .relu3: 2
    case .relu4: 3
    case .relu5: 4
    }
  }
}

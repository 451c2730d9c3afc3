import Configuration
import Datasets
import Models
import TensorCore

extension DeepFillModel {
  /// The model that a configuration asks for.
  convenience init(_ parts: ModelParts) {
    let (configuration, initializer) = (parts.configuration, parts.initializer)
    let settings = DeepFillTraining(configuration)
    // The critics stay in float32: their penalty is a gradient of a gradient.
    func generator() -> DeepFillGenerator {
      var generator = DeepFillGenerator(
        DeepFillGeneratorSettings(
          width: configuration.model.width, convention: settings.convention),
        initializer: initializer)
      generator.precision = parts.precision
      generator.recomputes = configuration.training.recompute
      generator.compositeKind = configuration.model.composite
      return generator
    }
    let (decay, side) = (AverageDecay(configuration.training), configuration.data.side)
    let seed = configuration.seed
    self.init(
      generator: generator(), averaged: decay.map { (generator(), $0) },
      critics: DeepFillCritics(
        side: side, boxSide: side / 2, convention: settings.convention,
        width: 2 * configuration.model.width, initializer: initializer),
      settings: settings,
      penaltyPositions: { drawnPenaltyPositions(for: $0, seed: seed) },
      train: parts.trainedNetwork)
  }
}

/// Positions that are a function of the seed, the batch's number and each picture's place in it.
private func drawnPenaltyPositions(for batch: ReplicaBatch, seed: UInt64) -> [[Float]] {
  let count = batch.images.shape[0]
  let pairs = (0..<count).map { row in
    var random = CounterBasedRandom(
      seed: seed, purpose: .gradientPenalty, epoch: batch.number,
      sample: batch.replica * count + row)
    return [random.uniform(), random.uniform()]
  }
  return [pairs.map { $0[0] }, pairs.map { $0[1] }]
}

extension DeepFillTraining {
  /// The training that a configuration asks for.
  init(_ configuration: RunConfiguration) {
    self.init()
    let (loss, training) = (configuration.loss, configuration.training)
    convention = configuration.model.compat
    adversarial = Float(loss.adversarial)
    discountedL1 = Float(loss.discountedL1)
    discount = loss.discount
    autoencoder = Float(loss.autoencoder)
    coarse = Float(loss.coarse)
    globalCritic = Float(loss.globalCritic)
    penalty = Float(loss.penalty)
    criticUpdates = training.criticUpdates
    pretrainsCoarse = training.pretrainCoarse
  }
}

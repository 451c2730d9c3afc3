import Configuration
import Datasets
import Models
import TensorCore

extension DCGANModel {
  /// The model that a configuration asks for.
  convenience init(_ parts: ModelParts) {
    let (configuration, initializer) = (parts.configuration, parts.initializer)
    let settings = DCGANSettings(
      width: configuration.model.width, latent: configuration.model.latent,
      side: configuration.data.side)
    func generator() -> DCGANGenerator {
      var generator = DCGANGenerator(settings, initializer: initializer)
      generator.precision = parts.precision
      return generator
    }
    var discriminator = DCGANDiscriminator(settings, initializer: initializer)
    discriminator.precision = parts.precision
    let seed = configuration.seed
    self.init(
      generator: generator(),
      averaged: AverageDecay(configuration.training).map { (generator(), $0) },
      discriminator: discriminator, weight: Float(configuration.loss.adversarial),
      adversarial: AdversarialSettings(configuration), seed: seed,
      latents: { batch in
        let count = batch.images.shape[0]
        return latentVectors(
          batch.replica * count..<(batch.replica + 1) * count, count: settings.latent, seed: seed,
          purpose: .latent, epoch: batch.number)
      },
      train: parts.trainedNetwork)
  }
}

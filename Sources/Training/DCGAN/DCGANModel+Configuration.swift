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
    let (decay, seed) = (configuration.training.ema, configuration.seed)
    self.init(
      generator: generator(), averaged: decay > 0 ? (generator(), decay) : nil,
      discriminator: discriminator, adversarial: Float(configuration.loss.adversarial), seed: seed,
      latents: { batch in
        let count = batch.images.shape[0]
        return latentVectors(
          batch.replica * count..<(batch.replica + 1) * count, count: settings.latent, seed: seed,
          purpose: .latent, epoch: batch.number)
      },
      train: parts.trainedNetwork)
  }
}

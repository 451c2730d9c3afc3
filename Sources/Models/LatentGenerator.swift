package import Layers
package import TensorCore

/// A generator that makes pictures from latent vectors, of any kind of model.
package protocol LatentGenerator: Module, ExportableLatentGenerator {
  /// Height and width of its pictures.
  var side: Int { get }

  /// Makes pictures, each on its own.
  ///
  /// - Parameter latents: [N, latentCount], of the normal distribution as a rule.
  /// - Returns: RGB in [-1, 1], [N, 3, side, side], in the plain layout.
  func inferred(_ latents: Tensor) -> Tensor
}

package import Autodiff
import Kernels
package import Layers
package import TensorCore

/// DCGAN's generator: pictures from latent vectors.
///
/// Transposed 4x4 convolutions without bias, the first from one pixel to 4x4, each further one doubling
/// height and width; batch norm and ReLU between them, tanh at the end. 3,576,704 parameters at width 64,
/// 100 numbers and 64 pixels. Names are those of pytorch/examples, such as `main.0.weight`.
///
/// - Reference: Radford et al. 2016, arXiv 1511.06434; docs/models/dcgan.md.
package struct DCGANGenerator: Module {
  /// The size.
  package let settings: DCGANSettings
  /// The type of feature maps inside the network.
  package var precision = ElementType.float32
  /// [I, O, 4, 4] each: the first from the vector, the last to RGB.
  let weights: [Parameter]
  /// One after each convolution but the last.
  let norms: [BatchNorm2D]

  /// Makes a generator: weights ~ N(0, 0.02), those of batch norms ~ N(1, 0.02).
  package init(_ settings: DCGANSettings = DCGANSettings(), initializer: Initializer) {
    self.settings = settings
    let widths = [settings.latent] + settings.channels + [3]
    weights = (0..<widths.count - 1).map { layer in
      let name = "main.\(3 * layer).weight"
      return Parameter(
        name,
        initializer.normal(
          name, shape: [widths[layer], widths[layer + 1], 4, 4], deviation: 0.02))
    }
    norms = settings.channels.enumerated().map { layer, channels in
      BatchNorm2D("main.\(3 * layer + 1)", channels, initializer: initializer)
    }
  }

  package var parameters: [Parameter] {
    weights.indices.flatMap { layer in
      [weights[layer]] + (layer < norms.count ? norms[layer].parameters : [])
    }
  }

  package var buffers: [Buffer] { norms.flatMap(\.buffers) }

  /// Makes pictures as in training, with the statistics of the batch.
  ///
  /// - Parameters:
  ///   - latents: [N, latent].
  ///   - statistics: Receives mean and unbiased variance of every batch norm, in the order of `buffers`.
  /// - Returns: RGB in [-1, 1], [N, 3, side, side].
  package func callAsFunction(_ latents: Tensor, statistics: inout [Tensor]) -> Variable {
    pictures(of: latents) { norm, maps in norm(maps, negativeSlope: 0, statistics: &statistics) }
  }

  /// Makes pictures with the running statistics, each on its own.
  ///
  /// - Parameter latents: [N, latent].
  /// - Returns: RGB in [-1, 1], [N, 3, side, side], in the plain layout.
  package func inferred(_ latents: Tensor) -> Tensor {
    Recording.off {
      pictures(of: latents) { $0.inferred($1, negativeSlope: 0) }.value.converted(to: .plain)
    }
  }

  private func pictures(
    of latents: Tensor, _ normalized: (BatchNorm2D, Variable) -> Variable
  ) -> Variable {
    precondition(
      latents.shape.dimensions == [latents.shape[0], settings.latent],
      "the generator expects [N, \(settings.latent)], not \(latents.shape)")
    // On one pixel a transposed convolution is a product of matrices.
    let (first, channels) = (weights[0].variable, settings.channels[0])
    var maps = Variable(latents)
      .multiplied(by: first.reshaped(to: [settings.latent, channels * 16]))
      .reshaped(to: [latents.shape[0], channels, 4, 4])
      .converted(to: .native).converted(to: precision)
    for (layer, norm) in norms.enumerated() {
      maps = normalized(norm, maps).convTransposed2D(
        weight: weights[layer + 1].variable,
        settings: ConvolutionSettings(stride: 2, padding: 1))
    }
    return maps.converted(to: .float32).tanh()
  }
}

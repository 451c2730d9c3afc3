package import Autodiff
import Kernels
package import Layers
package import TensorCore

/// DCGAN's discriminator: one number for each picture.
///
/// 4x4 convolutions of stride 2 without bias, batch norm after all but the first, leaky ReLU of slope 0.2;
/// at the end one number from 4x4 pixels. 2,765,568 parameters at width 64 and 64 pixels. Names are those
/// of pytorch/examples.
///
/// - Reference: Radford et al. 2016, arXiv 1511.06434; docs/models/dcgan.md.
package struct DCGANDiscriminator: Module {
  /// The size.
  package let settings: DCGANSettings
  /// The type of feature maps inside the network.
  package var precision = ElementType.float32
  /// [O, I, 4, 4] each, the last with O = 1.
  private let weights: [Parameter]
  /// One after each convolution but the first and the last.
  private let norms: [BatchNorm2D]

  private static let slope: Float = 0.2

  /// Makes a discriminator: weights ~ N(0, 0.02), those of batch norms ~ N(1, 0.02).
  package init(_ settings: DCGANSettings = DCGANSettings(), initializer: Initializer) {
    self.settings = settings
    let widths = [3] + settings.channels.reversed() + [1]
    weights = (0..<widths.count - 1).map { layer in
      let name = "main.\(max(3 * layer - 1, 0)).weight"
      return Parameter(
        name,
        initializer.normal(
          name, shape: [widths[layer + 1], widths[layer], 4, 4], deviation: 0.02))
    }
    norms = (1..<settings.doublings).map { layer in
      BatchNorm2D("main.\(3 * layer)", widths[layer + 1], initializer: initializer)
    }
  }

  package var parameters: [Parameter] {
    weights.indices.flatMap { layer in
      [weights[layer]] + (norms.indices.contains(layer - 1) ? norms[layer - 1].parameters : [])
    }
  }

  package var buffers: [Buffer] { norms.flatMap(\.buffers) }

  /// Judges pictures, with the statistics of the batch.
  ///
  /// - Parameters:
  ///   - pictures: RGB in [-1, 1], [N, 3, side, side].
  ///   - statistics: Receives mean and unbiased variance of every batch norm, in the order of `buffers`.
  /// - Returns: Numbers before the sigmoid, [N, 1].
  package func callAsFunction(_ pictures: Variable, statistics: inout [Tensor]) -> Variable {
    precondition(
      pictures.shape.dimensions == [pictures.shape[0], 3, settings.side, settings.side],
      "a discriminator of side \(settings.side) was given \(pictures.shape)")
    func convolved(_ maps: Variable, _ layer: Int) -> Variable {
      maps.conv2D(
        weight: weights[layer].variable, settings: ConvolutionSettings(stride: 2, padding: 1))
    }
    var maps = convolved(pictures.converted(to: precision), 0).leakyReLU(negativeSlope: Self.slope)
    for (index, norm) in norms.enumerated() {
      maps = norm(convolved(maps, index + 1), negativeSlope: Self.slope, statistics: &statistics)
    }
    // Of 4x4 pixels a 4x4 convolution makes one: a product of matrices.
    let last = weights[weights.count - 1].variable
    return maps.converted(to: .float32).flattened()
      .multiplied(by: last.flattened(), transposed: true)
  }
}

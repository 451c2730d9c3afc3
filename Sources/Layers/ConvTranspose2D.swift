package import Autodiff
package import Kernels
import TensorCore

/// A transposed convolution with a 4x4 weight that doubles height and width, before a normalisation.
package struct ConvTranspose2D: Module {
  /// [I, O, 4, 4].
  package let weight: Parameter
  /// [O]; without effect, because a normalisation follows.
  package let bias: Parameter

  /// Makes a layer with PyTorch's default initialisation (docs/models/dmfn.md 4.2).
  package init(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, initializer: Initializer
  ) {
    let fanIn = outputChannels * 16
    weight = Parameter(
      "\(name).weight",
      initializer.uniform(
        "\(name).weight", shape: [inputChannels, outputChannels, 4, 4], fanIn: fanIn))
    bias = Parameter(
      "\(name).bias", initializer.uniform("\(name).bias", shape: [outputChannels], fanIn: fanIn))
  }

  package var parameters: [Parameter] { [weight, bias] }

  /// Stride and padding.
  package var settings: ConvolutionSettings { ConvolutionSettings(stride: 2, padding: 1) }

  /// The transposed convolution alone, [N, O, 2 H, 2 W]; see `Conv2D.withoutBias`.
  package func withoutBias(_ x: Variable) -> Variable {
    x.convTransposed2D(weight: weight.variable, settings: settings)
  }
}

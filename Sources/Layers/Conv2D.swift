package import Autodiff
package import Kernels
package import TensorCore

/// What stands behind a convolution and is computed with it.
package enum Activation: Sendable, Equatable {
  /// Nothing.
  case none
  /// `x > 0 ? x : 0`.
  case relu
  /// `x > 0 ? x : slope x`.
  case leakyReLU(Float)

  /// The slope for x < 0: 1 for no activation, 0 for ReLU.
  package var negativeSlope: Float {
    switch self {
    case .none: 1
    case .relu: 0
    case .leakyReLU(let slope): slope
    }
  }
}

/// A convolution with a bias.
package struct Conv2D: Module {
  /// [O, I, k, k].
  package let weight: Parameter
  /// [O].
  package let bias: Parameter
  /// Stride, padding and dilation.
  package let settings: ConvolutionSettings

  /// Makes a layer: weight ~ N(0, 0.02), bias 0 (docs/models/dmfn.md 4.2).
  ///
  /// - Parameters:
  ///   - name: Prefix of the parameters' names.
  ///   - inputChannels: I.
  ///   - outputChannels: O.
  ///   - kernelSize: k, odd.
  ///   - stride: Distance of neighbouring windows.
  ///   - dilation: Distance of neighbouring taps; the padding keeps the size at stride 1.
  ///   - initializer: Draws the first values.
  package init(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, kernelSize: Int, stride: Int = 1,
    dilation: Int = 1, initializer: Initializer
  ) {
    weight = Parameter(
      "\(name).weight",
      initializer.normal(
        "\(name).weight", shape: [outputChannels, inputChannels, kernelSize, kernelSize],
        deviation: 0.02))
    bias = Parameter("\(name).bias", initializer.zeros([outputChannels]))
    settings = ConvolutionSettings(
      stride: stride, padding: dilation * (kernelSize - 1) / 2, dilation: dilation)
  }

  /// Makes a layer from its first values.
  ///
  /// - Parameters:
  ///   - name: Prefix of the parameters' names.
  ///   - weight: [O, I, k, k]; the bias is 0.
  ///   - settings: Stride, padding and dilation.
  package init(_ name: String, weight: Tensor, settings: ConvolutionSettings) {
    self.weight = Parameter("\(name).weight", weight)
    bias = Parameter("\(name).bias", Tensor(repeating: 0, shape: [weight.shape[0]]))
    self.settings = settings
  }

  package var parameters: [Parameter] { [weight, bias] }

  /// `activation(conv(x) + bias)`, [N, O, H', W'].
  package func callAsFunction(_ x: Variable, activation: Activation = .none) -> Variable {
    x.conv2D(
      weight: weight.variable, bias: bias.variable, settings: settings,
      negativeSlope: activation == .none ? nil : activation.negativeSlope)
  }

  /// The convolution alone, for a normalisation that follows and removes any constant of a channel.
  ///
  /// Adding the bias would change nothing and its gradient is zero, so that both are left out.
  package func withoutBias(_ x: Variable, replica: Int = 0) -> Variable {
    x.conv2D(weight: weight.variable(ofReplica: replica), settings: settings)
  }
}

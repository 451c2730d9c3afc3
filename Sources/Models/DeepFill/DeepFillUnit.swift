import Autodiff
import Layers
import TensorCore

/// Nearest upsampling by 2 where asked for, a convolution and an activation.
struct DeepFillUnit: Module, Sendable {
  enum Activation: Sendable {
    /// `x > 0 ? x : exp(x) - 1`.
    case elu
    /// `max(x, 0)`.
    case relu
    /// `x > 0 ? x : 0.2 x`.
    case leakyReLU
    /// Limited to [-1, 1].
    case clip
  }

  /// What tells a unit from the one before; by default a 3x3 convolution with ELU.
  struct Description {
    let name: String
    let channels: Int
    var kernelSize = 3
    var stride = 1
    var dilation = 1
    var upsamples = false
    var activation = Activation.elu
  }

  let conv: Conv2D
  let upsamples: Bool
  let activation: Activation

  init(
    _ prefix: String, _ description: Description, inputChannels: Int,
    convention: DeepFillConvention, initializer: Initializer
  ) {
    let name = "\(prefix).\(description.name).conv"
    let kernel = description.kernelSize
    conv = Conv2D(
      name,
      weight: initializer.glorotUniform(
        "\(name).weight", shape: [description.channels, inputChannels, kernel, kernel]),
      settings: convention.settings(
        kernelSize: kernel, stride: description.stride, dilation: description.dilation))
    (upsamples, activation) = (description.upsamples, description.activation)
  }

  var parameters: [Parameter] { conv.parameters }

  func callAsFunction(_ x: Variable) -> Variable {
    let x = upsamples ? x.upsampledNearest() : x
    switch activation {
    case .elu: return conv(x).elu()
    case .relu: return conv(x, activation: .relu)
    case .leakyReLU:
      return x.conv2D(
        weight: conv.weight.variable, bias: conv.bias.variable, settings: conv.settings,
        negativeSlope: 0.2)
    case .clip: return conv(x).converted(to: .float32).clipped(to: 1)
    }
  }
}

/// Units one after another.
struct DeepFillChain: Module, Sendable {
  let units: [DeepFillUnit]

  init(
    _ prefix: String, _ descriptions: [DeepFillUnit.Description], inputChannels: Int,
    convention: DeepFillConvention, initializer: Initializer
  ) {
    var channels = inputChannels
    units = descriptions.map { description in
      defer { channels = description.channels }
      return DeepFillUnit(
        prefix, description, inputChannels: channels, convention: convention,
        initializer: initializer)
    }
  }

  var parameters: [Parameter] { units.flatMap(\.parameters) }

  func callAsFunction(_ x: Variable) -> Variable { units.reduce(x) { $1($0) } }
}

extension [DeepFillUnit.Description] {
  /// Layers 1 to 6, to a quarter of height and width.
  static func encoder(
    _ name: String, _ widths: [Int], last: DeepFillUnit.Activation = .elu
  ) -> Self {
    zip(1..., widths).map { number, width in
      let halves = number == 2 || number == 4
      return DeepFillUnit.Description(
        name: halves ? "\(name)\(number)_downsample" : "\(name)\(number)", channels: width,
        kernelSize: number == 1 ? 5 : 3, stride: halves ? 2 : 1,
        activation: number == 6 ? last : .elu)
    }
  }

  /// Layers 7 to 10, with dilations 2, 4, 8 and 16.
  static func dilated(_ width: Int) -> Self {
    (7...10).map {
      DeepFillUnit.Description(name: "conv\($0)_atrous", channels: width, dilation: 1 << ($0 - 6))
    }
  }

  /// Layers 11 to 17, back to full size and to a picture in [-1, 1].
  static func decoder(_ name: String, _ width: Int) -> Self {
    let widths = [4 * width, 4 * width, 2 * width, 2 * width, width, width / 2]
    return zip(11..., widths).map { number, width in
      DeepFillUnit.Description(
        name: "\(name)\(number)", channels: width, upsamples: number == 13 || number == 15)
    } + [DeepFillUnit.Description(name: "\(name)17", channels: 3, activation: .clip)]
  }
}

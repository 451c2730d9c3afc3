package import Autodiff
package import Layers
import TensorCore

/// A DeepFill critic: four convolutions that halve the picture, and one score.
///
/// Everything it is made of can be differentiated twice, as a gradient penalty asks.
///
/// - Reference: docs/models/deepfill.md 3.
package struct DeepFillCritic: Module {
  /// Rows and columns of its pictures.
  package let side: Int
  private let convolutions: DeepFillChain
  private let linear: Linear

  /// Makes a critic; weights are drawn as in the TensorFlow code, Glorot's uniform ones, biases 0.
  ///
  /// - Parameters:
  ///   - name: Prefix of the parameters' names.
  ///   - side: Rows and columns of its pictures, a multiple of 16.
  ///   - lastChannels: Channels of the fourth convolution.
  ///   - convention: How it pads.
  ///   - width: Channels of the first convolution.
  ///   - initializer: Draws the first values.
  package init(
    _ name: String, side: Int, lastChannels: Int, convention: DeepFillConvention, width: Int = 64,
    initializer: Initializer
  ) {
    precondition(side > 0 && side.isMultiple(of: 16), "side \(side) is not a multiple of 16")
    self.side = side
    convolutions = DeepFillChain(
      "\(name).dis_conv_module",
      zip(1..., [width, 2 * width, 4 * width, lastChannels]).map { number, channels in
        DeepFillUnit.Description(
          name: "conv\(number)", channels: channels, kernelSize: 5, stride: 2,
          activation: .leakyReLU)
      }, inputChannels: 3, convention: convention, initializer: initializer)
    let count = lastChannels * (side / 16) * (side / 16)
    linear = Linear(
      "\(name).linear",
      weight: initializer.glorotUniform("\(name).linear.weight", shape: [1, count]))
  }

  package var parameters: [Parameter] { convolutions.parameters + linear.parameters }

  /// Scores pictures.
  ///
  /// - Parameter pictures: RGB in [-1, 1], [N, 3, side, side].
  /// - Returns: [N, 1].
  package func callAsFunction(_ pictures: Variable) -> Variable {
    precondition(
      pictures.shape[2] == side && pictures.shape[3] == side,
      "a critic of side \(side) was given \(pictures.shape)")
    return linear(convolutions(pictures).flattened())
  }
}

/// The two critics of DeepFill: of the box round the hole, and of the whole picture.
///
/// Their parameters begin with `localD.` and `globalD.`, as in the PyTorch port's `dis_*.pt`.
package struct DeepFillCritics: Module {
  /// The critic of the box round the hole.
  package let local: DeepFillCritic
  /// The critic of the whole picture.
  package let global: DeepFillCritic

  /// Makes both critics.
  ///
  /// - Parameters:
  ///   - side: Rows and columns of the pictures, a multiple of 16.
  ///   - boxSide: Rows and columns of the boxes, a multiple of 16.
  ///   - convention: How they pad; the local critic ends with 8 * `width` channels for `tf`, with
  ///     4 * `width` for `torch`.
  ///   - width: Channels of the first convolution.
  ///   - initializer: Draws the first values.
  package init(
    side: Int = 256, boxSide: Int = 128, convention: DeepFillConvention, width: Int = 64,
    initializer: Initializer
  ) {
    local = DeepFillCritic(
      "localD", side: boxSide, lastChannels: (convention == .tf ? 8 : 4) * width,
      convention: convention, width: width, initializer: initializer)
    global = DeepFillCritic(
      "globalD", side: side, lastChannels: 4 * width, convention: convention, width: width,
      initializer: initializer)
  }

  package var parameters: [Parameter] { local.parameters + global.parameters }
}

package import TensorCore

/// The variables of the TensorFlow code for our parameters, and their layout.
///
/// - Reference: docs/models/deepfill.md 6.2.
package enum DeepFillTensorFlowNames {
  /// The variable of a parameter of `DeepFillGenerator` or `DeepFillCritics`; nil for others.
  ///
  /// | parameter | variable |
  /// |---|---|
  /// | `coarse_generator.conv3.conv.weight` | `inpaint_net/conv3/kernel` |
  /// | `coarse_generator.conv13.conv.weight` | `inpaint_net/conv13_upsample/conv13_upsample_conv/kernel` |
  /// | `fine_generator.conv3.conv.bias` | `inpaint_net/xconv3/bias` |
  /// | `fine_generator.pmconv3.conv.bias` | `inpaint_net/pmconv3/bias`; so `allconv` |
  /// | `localD.dis_conv_module.conv1.conv.weight` | `discriminator/discriminator_local/conv1/kernel` |
  /// | `globalD.linear.weight` | `discriminator/dout_global_fc/kernel` |
  package static func variable(of parameter: String) -> String? {
    let parts = parameter.split(separator: ".").map(String.init)
    guard let network = parts.first, let last = parts.last, last == "weight" || last == "bias"
    else { return nil }
    let kind = last == "weight" ? "kernel" : "bias"
    switch (network, parts.count) {
    case ("coarse_generator", 4), ("fine_generator", 4):
      let isHallucination = network == "fine_generator" && parts[1].hasPrefix("conv")
      let layer = isHallucination ? "x\(parts[1])" : parts[1]
      let isUpsampled = layer.hasSuffix("conv13") || layer.hasSuffix("conv15")
      let path = isUpsampled ? "\(layer)_upsample/\(layer)_upsample_conv" : layer
      return "inpaint_net/\(path)/\(kind)"
    case ("localD", 5), ("globalD", 5):
      return "discriminator/discriminator_\(network.dropLast())/\(parts[2])/\(kind)"
    case ("localD", 3), ("globalD", 3):
      return "discriminator/dout_\(network.dropLast())_fc/\(kind)"
    default: return nil
    }
  }

  /// A variable's elements in the layout of a parameter.
  ///
  /// Kernels [k, k, I, O] become [O, I, k, k]. The TensorFlow code works on BGR: layers that see or
  /// make pictures get their colours exchanged, so that the networks work on RGB. A critic's linear
  /// kernel [s s C, 1], which reads (row, column, channel), becomes [1, C s s] for the number of
  /// channels C that `channels` tells.
  ///
  /// - Parameters:
  ///   - value: The variable; shapes of another number of axes are left as they are.
  ///   - parameter: The parameter's name.
  ///   - channels: Channels of a critic's last convolution.
  /// - Returns: The elements, whose shape is the parameter's if the variable belongs to it.
  package static func converted(_ value: Tensor, to parameter: String, channels: Int = 1) -> Tensor
  {
    let name = variable(of: parameter) ?? parameter
    let (seesPictures, makesPictures) = (
      name.hasSuffix("conv1/kernel"), name.contains("conv17/")
    )
    let shape = value.shape
    // Where there are no three colours to reverse, comparing shapes tells what is wrong.
    guard !seesPictures || (shape.axisCount == 4 && shape[2] >= 3),
      !makesPictures || (shape.dimensions.last ?? 0) >= 3
    else { return value }
    switch shape.axisCount {
    case 4:
      let (height, width, input, output) = (shape[0], shape[1], shape[2], shape[3])
      return Tensor(
        uninitialized: [output, input, height, width],
        filledBy: { index in
          let (o, i) = (index / (input * height * width), index / (height * width) % input)
          let tap = index % (height * width)
          return (tap * input + (seesPictures ? reversed(i) : i)) * output
            + (makesPictures ? reversed(o) : o)
        }, from: value)
    case 2:
      let pixels = shape[0] / max(channels, 1)
      return Tensor(
        uninitialized: [shape[1], shape[0]],
        filledBy: { index in
          let (o, rest) = (index / shape[0], index % shape[0])
          return (rest % pixels * channels + rest / pixels) * shape[1] + o
        }, from: value)
    case 1 where makesPictures:
      return Tensor(uninitialized: shape, filledBy: reversed, from: value)
    default: return value
    }
  }

  /// Red for blue and blue for red; other channels are planes beside the picture.
  private static func reversed(_ channel: Int) -> Int { channel < 3 ? 2 - channel : channel }
}

extension Tensor {
  /// Elements taken from another tensor at the index that `place` gives.
  fileprivate init(uninitialized shape: Shape, filledBy place: (Int) -> Int, from source: Tensor) {
    let values = source.elements
    self.init((0..<shape.elementCount).map { values[place($0)] }, shape: shape)
  }
}

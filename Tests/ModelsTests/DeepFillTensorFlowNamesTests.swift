import Layers
import Models
import TensorCore
import Testing

@Suite struct DeepFillTensorFlowNamesTests {
  @Test func everyParameterHasAVariable() {
    let generator = DeepFillGenerator(
      DeepFillGeneratorSettings(width: 2), initializer: Initializer(seed: 0))
    let critics = DeepFillCritics(
      side: 32, boxSide: 16, convention: .tf, width: 2, initializer: Initializer(seed: 0))
    let names = (generator.parameters + critics.parameters).map(\.name)
    let variables = names.compactMap { DeepFillTensorFlowNames.variable(of: $0) }
    #expect(variables.count == names.count)
    #expect(Set(variables).count == names.count)
    for (parameter, variable) in [
      ("coarse_generator.conv2_downsample.conv.weight", "inpaint_net/conv2_downsample/kernel"),
      (
        "coarse_generator.conv15.conv.bias",
        "inpaint_net/conv15_upsample/conv15_upsample_conv/bias"
      ),
      ("fine_generator.conv7_atrous.conv.weight", "inpaint_net/xconv7_atrous/kernel"),
      ("fine_generator.pmconv6.conv.weight", "inpaint_net/pmconv6/kernel"),
      (
        "fine_generator.allconv13.conv.weight",
        "inpaint_net/allconv13_upsample/allconv13_upsample_conv/kernel"
      ),
      ("fine_generator.allconv17.conv.bias", "inpaint_net/allconv17/bias"),
      (
        "localD.dis_conv_module.conv4.conv.bias",
        "discriminator/discriminator_local/conv4/bias"
      ),
      ("globalD.linear.weight", "discriminator/dout_global_fc/kernel"),
    ] {
      #expect(DeepFillTensorFlowNames.variable(of: parameter) == variable)
    }
    for other in ["encoder.0.conv.weight", "globalD.linear.scale", "x", ""] {
      #expect(DeepFillTensorFlowNames.variable(of: other) == nil)
    }
  }

  private func numbers(_ shape: Shape) -> Tensor {
    Tensor((0..<shape.elementCount).map { Float($0) }, shape: shape)
  }

  /// [kH, kW, I, O] becomes [O, I, kH, kW]; red and blue change places where pictures go in or out.
  @Test func kernels() {
    let inner = DeepFillTensorFlowNames.converted(
      numbers([2, 2, 3, 2]), to: "coarse_generator.conv3.conv.weight")
    #expect(inner.shape == [2, 3, 2, 2])
    #expect(inner.elements[..<8] == [0, 6, 12, 18, 2, 8, 14, 20])
    let first = DeepFillTensorFlowNames.converted(
      numbers([1, 1, 5, 1]), to: "fine_generator.pmconv1.conv.weight")
    #expect(first.elements == [2, 1, 0, 3, 4])
    let last = DeepFillTensorFlowNames.converted(
      numbers([1, 1, 2, 3]), to: "fine_generator.allconv17.conv.weight")
    #expect(last.elements == [2, 5, 1, 4, 0, 3])
    let bias = DeepFillTensorFlowNames.converted(
      numbers([3]), to: "coarse_generator.conv17.conv.bias")
    #expect(bias.elements == [2, 1, 0])
  }

  /// A critic's linear layer reads (row, column, channel) there, (channel, row, column) here.
  @Test func criticsLinearLayer() {
    let weight = DeepFillTensorFlowNames.converted(
      numbers([2 * 2 * 3, 1]), to: "globalD.linear.weight", channels: 3)
    #expect(weight.shape == [1, 12])
    #expect(weight.elements == [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11])
  }
}

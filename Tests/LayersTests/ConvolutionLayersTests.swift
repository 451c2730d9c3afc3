import Autodiff
import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

@Suite("Layers with weights")
struct ConvolutionLayersTests {
  private let initializer = Initializer(seed: 3)

  private func maps(_ shape: [Int]) -> ReferenceTensor {
    var random = CounterBasedRandom(test: 1)
    return .random(shape, using: &random)
  }

  /// Gives a layer's bias, which starts at 0, other values.
  private func setBias(_ bias: Parameter) -> ReferenceTensor {
    let values = (0..<bias.shape.elementCount).map { Float($0) / 4 - 0.25 }
    bias.setElements(values)
    return bias.value.reference
  }

  @Test(arguments: [(1, 1, 1), (3, 1, 1), (3, 1, 4), (3, 2, 1), (5, 2, 1), (7, 1, 2)])
  func conv2D(kernelSize: Int, stride: Int, dilation: Int) {
    let layer = Conv2D(
      "c1", 3, 4, kernelSize: kernelSize, stride: stride, dilation: dilation,
      initializer: initializer)
    #expect(layer.parameters.map(\.name) == ["c1.weight", "c1.bias"])
    #expect(layer.weight.shape == [4, 3, kernelSize, kernelSize] && layer.bias.shape == [4])
    #expect(layer.buffers.isEmpty)
    let bias = setBias(layer.bias)
    let x = maps([2, 3, 12, 10])
    let input = Variable(x.tensor())
    let expected = x.convolved(
      with: layer.weight.value.reference, bias: bias, settings: layer.settings)
    // The padding keeps the size, up to the stride.
    #expect(expected.shape == [2, 4, 12 / stride, 10 / stride])
    expectClose(layer(input), expected)
    expectClose(layer(input, activation: .relu), expected.leakyReLU(negativeSlope: 0))
    expectClose(
      layer(input, activation: .leakyReLU(0.2)), expected.leakyReLU(negativeSlope: 0.2))
    expectClose(
      layer.withoutBias(input),
      x.convolved(with: layer.weight.value.reference, settings: layer.settings))
  }

  @Test func convTranspose2DDoublesTheSides() {
    let layer = ConvTranspose2D("up", 3, 2, initializer: initializer)
    #expect(layer.parameters.map(\.name) == ["up.weight", "up.bias"])
    #expect(layer.weight.shape == [3, 2, 4, 4] && layer.bias.shape == [2])
    let x = maps([2, 3, 5, 4])
    let result = layer.withoutBias(Variable(x.tensor()))
    #expect(result.shape == [2, 2, 10, 8])
    expectClose(
      result,
      x.convTransposed(
        weight: layer.weight.value.reference,
        settings: ConvolutionSettings(stride: 2, padding: 1)))
  }

  @Test func linear() {
    let layer = Linear("fc", 6, 3, initializer: initializer)
    #expect(layer.parameters.map(\.name) == ["fc.weight", "fc.bias"])
    #expect(layer.weight.shape == [3, 6] && layer.bias.shape == [3])
    let bias = setBias(layer.bias)
    let x = maps([4, 6])
    expectClose(
      layer(Variable(x.tensor())), x.linear(weight: layer.weight.value.reference, bias: bias))
  }

  @Test func layersFromGivenValues() {
    let weight = maps([2, 3, 3, 3])
    let settings = ConvolutionSettings(stride: 1, padding: 1)
    let layer = Conv2D("c", weight: weight.tensor(), settings: settings)
    let x = maps([1, 3, 6, 6])
    expectClose(layer(Variable(x.tensor())), x.convolved(with: weight, settings: settings))
    let flat = maps([2, 5])
    let full = Linear("l", weight: flat.tensor())
    let y = maps([3, 5])
    expectClose(
      full(Variable(y.tensor())),
      y.linear(weight: flat, bias: ReferenceTensor(repeating: 0, shape: [2])))
  }

  /// Replicas computed in one graph get a gradient each, of the same parameter.
  @Test func everyReplicaHasItsOwnGradient() {
    let layer = Linear("fc", 2, 1, initializer: initializer)
    let inputs = [[1, 2], [30, 40]].map { Variable(Tensor($0, shape: [1, 2])) }
    let outputs = inputs.indices.map { layer(inputs[$0], replica: $0) }
    let starts = inputs.indices.map { layer.weight.variable(ofReplica: $0) }
    let gradients = gradients(of: outputs[0] + outputs[1], by: starts)
    #expect(gradients.map { $0?.value.elements } == [[1, 2], [30, 40]])
  }
}

import Autodiff
import Layers
import TensorCore
import TestSupport
import Testing

/// Batch norm with its running statistics.
@Suite struct BatchNormInferenceTests {
  /// Against PyTorch's formula of `BatchNorm2d.eval()`, in double precision.
  @Test(arguments: [1, 0.2] as [Float])
  func followsTheFormula(negativeSlope: Float) {
    var random = CounterBasedRandom(seed: 5, purpose: .test)
    let layer = BatchNorm2D("norm", 19, initializer: Initializer(seed: 2))
    layer.bias.setElements((0..<19).map { _ in random.uniform(-1, 1) })
    layer.runningMean.value = Tensor((0..<19).map { _ in random.uniform(-2, 2) }, shape: [19])
    layer.runningVariance.value = Tensor((0..<19).map { _ in random.uniform(0.1, 3) }, shape: [19])
    let x = ReferenceTensor.random([2, 19, 5, 3], using: &random).tensor()
    let result = layer.inferred(Variable(x), negativeSlope: negativeSlope).value.elements
    let (weight, bias) = (layer.weight.value.elements, layer.bias.value.elements)
    let mean = layer.runningMean.value.elements
    let variance = layer.runningVariance.value.elements
    for (index, value) in x.elements.enumerated() {
      let channel = index / 15 % 19
      let normalized =
        Double(weight[channel]) * (Double(value) - Double(mean[channel]))
        / (Double(variance[channel]) + 1e-5).squareRoot() + Double(bias[channel])
      let expected = normalized < 0 ? normalized * Double(negativeSlope) : normalized
      #expect(abs(Double(result[index]) - expected) <= 1e-5 * max(1, abs(expected)))
    }
  }

  /// A picture's result does not depend on what else is in the batch, unlike in training.
  @Test func treatsEachPictureAlone() {
    var random = CounterBasedRandom(seed: 6, purpose: .test)
    let layer = BatchNorm2D("norm", 19, initializer: Initializer(seed: 2))
    let x = ReferenceTensor.random([2, 19, 5, 3], using: &random).tensor()
    let first = Tensor(Array(x.elements.prefix(19 * 15)), shape: [1, 19, 5, 3])
    func inferred(_ x: Tensor) -> [Float] {
      Array(layer.inferred(Variable(x), negativeSlope: 1).value.elements.prefix(19 * 15))
    }
    func trained(_ x: Tensor) -> [Float] {
      var statistics: [Tensor] = []
      let y = layer(Variable(x), negativeSlope: 1, statistics: &statistics)
      return Array(y.value.elements.prefix(19 * 15))
    }
    #expect(inferred(x) == inferred(first))
    #expect(trained(x) != trained(first))
  }
}

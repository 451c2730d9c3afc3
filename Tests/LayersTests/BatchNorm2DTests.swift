import Autodiff
import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

@Suite("Batch norm layer")
struct BatchNorm2DTests {
  /// All replicas on one rank.
  private final class SumOfRows: ReplicaSum {
    let replicas: Int

    init(replicas: Int) { self.replicas = replicas }

    func total(of rows: Tensor) -> Tensor {
      rows.summed(along: 0).reshaped(to: [rows.shape[1]])
    }
  }

  private let channels = 5
  private let x: ReferenceTensor = {
    var random = CounterBasedRandom(test: 2)
    return .random([4, 5, 3, 7], in: -1...3, using: &random)
  }()

  private func layer() -> BatchNorm2D {
    let layer = BatchNorm2D("norm", channels, initializer: Initializer(seed: 5))
    layer.bias.setElements((0..<channels).map { Float($0) / 8 - 0.25 })
    return layer
  }

  private func expected(_ layer: BatchNorm2D) -> ReferenceTensor {
    x.batchNormalized(weight: layer.weight.value.reference, bias: layer.bias.value.reference)
      .leakyReLU(negativeSlope: 0.2)
  }

  /// Mean and unbiased variance of each channel.
  private var moments: (mean: [Double], variance: [Double]) {
    let count = 4 * 3 * 7
    let mean = x.summedOverChannels().elements.map { $0 / Double(count) }
    let deviations = x.addingToChannels(ReferenceTensor(mean.map { -$0 }, shape: [channels]))
    let squares = (deviations * deviations).summedOverChannels().elements
    return (mean, squares.map { $0 / Double(count - 1) })
  }

  private func check(_ statistics: [Tensor]) {
    #expect(statistics.count == 2)
    let (mean, variance) = moments
    expectClose(statistics[0], ReferenceTensor(mean, shape: [channels]), .normwise(1e-6))
    expectClose(statistics[1], ReferenceTensor(variance, shape: [channels]), .normwise(1e-6))
  }

  @Test func namesAndFirstValues() {
    let layer = BatchNorm2D("norm", 400, initializer: Initializer(seed: 5))
    #expect(layer.parameters.map(\.name) == ["norm.weight", "norm.bias"])
    #expect(layer.buffers.map(\.name) == ["norm.running_mean", "norm.running_var"])
    #expect(layer.runningMean.value.elements == Array(repeating: 0, count: 400))
    #expect(layer.runningVariance.value.elements == Array(repeating: 1, count: 400))
    #expect(layer.bias.value.elements == Array(repeating: 0, count: 400))
    let mean = layer.weight.value.elements.reduce(0, +) / 400
    #expect(abs(mean - 1) < 0.004 && layer.weight.value.elements.allSatisfy { abs($0 - 1) < 0.1 })
  }

  @Test func aBatchIsNormalisedAndItsMomentsAreReported() {
    let layer = layer()
    var statistics: [Tensor] = []
    let result = layer(Variable(x.tensor()), negativeSlope: 0.2, statistics: &statistics)
    expectClose(result, expected(layer))
    check(statistics)
  }

  /// Two replicas with two pictures each are normalised as one batch of four.
  @Test func replicasAreNormalisedAsOneBatch() {
    let layer = layer()
    let half = x.elements.count / 2
    let maps = [0, 1].map { replica in
      Variable(
        ReferenceTensor(
          Array(x.elements[replica * half..<(replica + 1) * half]), shape: [2, channels, 3, 7]
        ).tensor())
    }
    var statistics: [Tensor] = []
    let results = layer(
      maps, over: SumOfRows(replicas: 2), negativeSlope: 0.2, statistics: &statistics)
    let whole = expected(layer)
    for (replica, result) in results.enumerated() {
      expectClose(
        result,
        ReferenceTensor(
          Array(whole.elements[replica * half..<(replica + 1) * half]),
          shape: [2, channels, 3, 7]))
    }
    check(statistics)
  }
}

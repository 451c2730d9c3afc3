import Autodiff
import Kernels
import Synchronization
import TensorCore
import TestSupport
import Testing

@Suite("Recomputed parts")
struct RecomputeTests {
  private struct Graph {
    let x: Variable
    let weights: [Variable]
    let output: Variable
  }

  /// Two convolutions with a norm between them, used twice with the same weights.
  private func graph(recomputed: Bool, trainsInput: Bool = true) -> Graph {
    var random = CounterBasedRandom(test: 3)
    let input = ReferenceTensor.random([2, 8, 6, 5], using: &random).tensor(layout: .native)
    let weights = (0..<2).map { _ in
      Variable.leaf(ReferenceTensor.random([8, 8, 3, 3], using: &random).tensor())
    }
    let x = trainsInput ? Variable.leaf(input) : Variable(input)
    let settings = ConvolutionSettings(padding: 1)
    let body: @Sendable (Variable) -> Variable = { x in
      x.conv2D(weight: weights[0], settings: settings).instanceNormalized(negativeSlope: 0)
        .conv2D(weight: weights[1], settings: settings).tanh()
    }
    func part(_ x: Variable) -> Variable {
      recomputed ? x.recomputed(parameters: weights, body) : body(x)
    }
    return Graph(x: x, weights: weights, output: (part(part(x)) * part(x)).sum())
  }

  @Test func givesTheSameBits() {
    let (plain, recomputed) = (graph(recomputed: false), graph(recomputed: true))
    #expect(plain.output.value.scalar == recomputed.output.value.scalar)
    let expected = gradients(of: plain.output, by: [plain.x] + plain.weights)
    let found = gradients(of: recomputed.output, by: [recomputed.x] + recomputed.weights)
    // Parts that are used once have the same bits; here weights' gradients are added in another order.
    for (a, b) in zip(found, expected) {
      expectClose(
        a?.value.converted(to: .plain) ?? Tensor(0), b?.value ?? Tensor(1), .normwise(1e-6))
    }
    expectClose(found[0]?.value ?? Tensor(0), expected[0]?.value ?? Tensor(1), .exact)
  }

  @Test func aConstantInputStaysOne() {
    let (plain, recomputed) = (
      graph(recomputed: false, trainsInput: false), graph(recomputed: true, trainsInput: false)
    )
    let expected = gradients(of: plain.output, by: plain.weights)
    let found = gradients(of: recomputed.output, by: recomputed.weights)
    for (a, b) in zip(found, expected) {
      expectClose(a?.value ?? Tensor(0), b?.value ?? Tensor(1), .normwise(1e-6))
    }
  }

  private final class Watch: Sendable {
    private let storage = Mutex(WeakStorage())
    var isKept: Bool { storage.withLock { $0.value != nil } }
    func see(_ variable: Variable) { storage.withLock { $0.value = variable.value.storage } }
  }

  private struct WeakStorage {
    weak var value: Storage?
  }

  @Test(arguments: [false, true])
  func keepsItsInputOnly(recomputed: Bool) {
    let x = Variable.leaf(Tensor([0.1, 0.2, 0.3], shape: [3]))
    let watch = Watch()
    let body: @Sendable (Variable) -> Variable = { x in
      let middle = x.tanh()
      watch.see(middle)
      return (middle * middle).tanh()
    }
    let output = recomputed ? x.recomputed(parameters: [], body) : body(x)
    #expect(watch.isKept == !recomputed)
    _ = gradients(of: output.sum(), by: [x])
    #expect(!watch.isKept)
  }
}

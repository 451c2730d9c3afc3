import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Graph memory")
struct GraphMemoryTests {
  private final class Watch {
    weak var storage: Storage?
    init(_ variable: Variable) { storage = variable.value.storage }
  }

  private func leaf() -> Variable { .leaf(Tensor([0.1, 0.2, 0.3], shape: [3])) }

  /// A chain of operations that keep what they need, and a watch on one value in its middle.
  private func chain(from x: Variable) -> (output: Variable, watch: Watch) {
    let middle = x.tanh()
    return ((middle * middle).tanh().sum(), Watch(middle))
  }

  @Test func aPassGivesUpWhatTheGraphHasKept() {
    let x = leaf()
    let (output, watch) = chain(from: x)
    #expect(watch.storage != nil)
    _ = gradients(of: output, by: [x])
    #expect(watch.storage == nil)
    #expect(output.requiresGradient)
  }

  @Test func aPassThatKeepsTheGraphGivesUpNothing() {
    let x = leaf()
    let (output, watch) = chain(from: x)
    _ = gradients(of: output, by: [x], keepsGraph: true)
    #expect(watch.storage != nil)
    _ = gradients(of: output, by: [x])
    #expect(watch.storage == nil)
  }

  @Test func memoryIsGivenUpWhileThePassGoesOn() {
    let (x, late) = (leaf(), leaf())
    let (output, watch) = chain(from: x * late)
    var wasFreed = false
    handOutGradients(of: [(output, nil)], by: [late]) { _, _ in wasFreed = watch.storage == nil }
    #expect(wasFreed)
  }

  @Test func aGraphThatNobodyAsksForGoesWithItsOutput() {
    let x = leaf()
    let watch = chain(from: x).watch
    #expect(watch.storage == nil)
  }

  @Test func secondDerivativesLeaveNoCycles() {
    let x = leaf()
    let watches = {
      let (output, watch) = chain(from: x)
      let gradient = gradients(of: output, by: [x], keepsGraph: true, recordsGraph: true)[0]
      let penalty = gradient.map { ($0 * $0).sum() }
      return [watch] + (gradient.map { [Watch($0)] } ?? [])
        + (penalty.map { [Watch($0)] } ?? [])
    }()
    #expect(watches.count == 3)
    for watch in watches { #expect(watch.storage == nil) }
  }

  /// Nodes that free one another in turn would use up the stack.
  @Test func aVeryLongChainIsBuiltWalkedAndFreed() {
    let x = Variable.leaf(Tensor(1))
    var value = x
    for _ in 0..<100_000 { value = value + x }
    #expect(gradients(of: value, by: [x], keepsGraph: true)[0]?.value.scalar == 100_001)
    value = x
    for _ in 0..<100_000 { value = value * 1 }
    value = x
  }
}

import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Blend")
struct BlendTests {
  @Test func gradients() {
    var random = CounterBasedRandom(test: 0)
    let hole = ReferenceTensor.random([2, 1, 4, 5], in: 0...1, using: &random)
    GradientCheck("blend").expectGradients(
      of: [.featureMaps([2, 3, 4, 5]), .featureMaps([2, 3, 4, 5])],
      operation: { Variable.blend(hole: hole.tensor(), $0[0], $0[1]) },
      reference: { ReferenceTensor.blend(hole: hole, $0[0], $0[1]) })
  }

  @Test func knownPixelsStayBitIdentical() {
    var random = CounterBasedRandom(test: 1)
    let hole = ReferenceTensor(shape: [1, 1, 3, 4]) { $0.isMultiple(of: 3) ? 1 : 0 }
    let generated = ReferenceTensor.random([1, 3, 3, 4], using: &random)
    let known = ReferenceTensor.random([1, 3, 3, 4], using: &random)
    let blended = Variable.blend(
      hole: hole.tensor(), Variable(generated.tensor()), Variable(known.tensor())
    ).reference
    for index in blended.elements.indices {
      let source = hole.elements[index % 12] == 1 ? generated : known
      #expect(blended.elements[index] == source.elements[index])
    }
  }
}

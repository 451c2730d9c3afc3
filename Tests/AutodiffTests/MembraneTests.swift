import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Membrane")
struct MembraneTests {
  /// A hole inside, one at the edge and a single known pixel between two; and nothing but hole.
  private static let hole = ReferenceTensor(shape: [2, 1, 5, 6]) {
    $0 >= 30 || [7, 8, 9, 13, 15, 19, 20, 21, 4, 5, 11, 17, 29].contains($0) ? 1 : 0
  }
  private static let partialHole = ReferenceTensor(
    Array(hole.elements.prefix(30)), shape: [1, 1, 5, 6])

  @Test func gradients() {
    var check = GradientCheck("membrane")
    check.seeds = 6
    check.expectGradients(
      of: [.featureMaps([2, 2, 5, 6])],
      operation: { $0[0].membrane(over: HarmonicMembrane(holes: Self.hole.tensor())) },
      reference: { $0[0].membrane(over: Self.hole) })
  }

  @Test func gradientsOfJoinedPictures() {
    var check = GradientCheck("joined pictures")
    check.seeds = 6
    check.expectGradients(
      of: [.featureMaps([2, 3, 5, 6]), .featureMaps([2, 3, 5, 6])],
      operation: { $0[0].joined(to: $0[1], hole: Self.hole.tensor()) },
      reference: { Self.joined($0[0], $0[1], Self.hole) })
  }

  @Test func secondDerivatives() {
    var check = SecondDerivativeCheck("joined pictures")
    check.seeds = 3
    check.expectPenaltyGradients(
      of: [.featureMaps([1, 2, 5, 6]), .featureMaps([1, 2, 5, 6])],
      operation: { $0[0].joined(to: $0[1], hole: Self.partialHole.tensor()).weightedSquares() },
      reference: { Self.joined($0[0], $0[1], Self.partialHole).weightedSquares() })
  }

  @Test func knownPixelsStayBitIdentical() {
    var random = CounterBasedRandom(test: 3)
    let a = ReferenceTensor.random([2, 3, 5, 6], using: &random)
    let b = ReferenceTensor.random([2, 3, 5, 6], using: &random)
    let joined = Variable(a.tensor()).joined(to: Variable(b.tensor()), hole: Self.hole.tensor())
    let elements = joined.value.elements
    for (index, known) in b.tensor().elements.enumerated() {
      let (image, pixel) = (index / 90, index % 30)
      if Self.hole.elements[image * 30 + pixel] == 0 { #expect(elements[index] == known) }
    }
  }

  /// Where both pictures differ by one colour, the border takes the whole difference up.
  @Test func aStepOfColourVanishes() {
    var random = CounterBasedRandom(test: 4)
    let b = ReferenceTensor.random([1, 3, 5, 6], using: &random)
    let a = b.map { $0 + 0.25 }
    let joined = Variable(a.tensor()).joined(
      to: Variable(b.tensor()), hole: Self.partialHole.tensor())
    expectClose(joined, b, .normwise(1e-6))
  }

  private static func joined(
    _ a: ReferenceTensor, _ b: ReferenceTensor, _ hole: ReferenceTensor
  ) -> ReferenceTensor {
    let step = b.combined(with: a) { $0 - $1 }
    let lifted = a.combined(with: step.membrane(over: hole)) { $0 + $1 }
    return ReferenceTensor.blend(hole: hole, lifted, b)
  }
}

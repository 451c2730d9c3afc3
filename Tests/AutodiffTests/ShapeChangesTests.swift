import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Shape changes")
struct ShapeChangesTests {
  @Test func reshaping() {
    GradientCheck("reshape").expectGradients(
      of: [.featureMaps([2, 9, 2, 3])], operation: { $0[0].reshaped(to: [4, 27]) },
      reference: { $0[0].reshaped(to: [4, 27]) })
    GradientCheck("flatten").expectGradients(
      of: [.featureMaps([2, 9, 2, 3])], operation: { $0[0].flattened() },
      reference: { $0[0].reshaped(to: [2, 54]) })
  }

  @Test(arguments: [Layout.plain, .blocked(8), .blocked(16)])
  func convertingLayouts(target: Layout) {
    GradientCheck("conversion to \(target)").expectGradients(
      of: [.featureMaps([2, 9, 2, 3])], operation: { $0[0].converted(to: target) },
      reference: { $0[0] })
  }

  @Test func aGradientHasTheLayoutOfItsInput() {
    var random = CounterBasedRandom(test: 0)
    let values = ReferenceTensor.random([1, 9, 2, 2], using: &random)
    let x = Variable.leaf(values.tensor(layout: .blocked(8)))
    let gradient = gradients(of: x.plain().sum(), by: [x])[0]
    #expect(gradient?.value.layout == .blocked(8))
    if let gradient { expectPaddingIsZero(gradient.value) }
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("reshape").expectPenaltyGradients(
      of: [.featureMaps([2, 3, 2, 2])],
      operation: { ($0[0] * $0[0]).converted(to: .blocked(8)).flattened().weightedSquares() },
      reference: { ($0[0] * $0[0]).weightedSquares() })
  }
}

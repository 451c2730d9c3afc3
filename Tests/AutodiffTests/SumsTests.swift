import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Sums")
struct SumsTests {
  @Test(arguments: 0..<4)
  func alongAnAxis(axis: Int) {
    GradientCheck("sum along axis \(axis)").expectGradients(
      of: [.featureMaps([2, 9, 3, 4])], operation: { $0[0].summed(along: axis) },
      reference: { $0[0].summed(along: axis) })
  }

  @Test func repeating() {
    GradientCheck("repeat along axis 1").expectGradients(
      of: [.featureMaps([2, 1, 3, 4])], operation: { $0[0].repeated(5, along: 1) },
      reference: { $0[0].repeated(5, along: 1) })
    GradientCheck("repeat to a shape").expectGradients(
      of: [.values([2, 1, 1, 4])], operation: { $0[0].repeated(to: [2, 3, 5, 4]) },
      reference: { $0[0].repeated(3, along: 1).repeated(5, along: 2) })
  }

  @Test func sumAndMean() {
    GradientCheck("sum").expectGradients(
      of: [.featureMaps([2, 9, 3, 4]) { ReferenceTensor.random($0, in: 0...1, using: &$1) }],
      operation: { $0[0].sum() }, reference: { ReferenceTensor([$0[0].sum], shape: []) })
    GradientCheck("mean").expectGradients(
      of: [.featureMaps([2, 9, 3, 4]) { ReferenceTensor.random($0, in: 0...1, using: &$1) }],
      operation: { $0[0].mean() }, reference: { ReferenceTensor([$0[0].sum / 216], shape: []) })
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("sums").expectPenaltyGradients(
      of: [.featureMaps([2, 3, 2, 2])],
      operation: {
        let squares = $0[0] * $0[0]
        return (squares.summed(along: 1).repeated(3, along: 1) * $0[0]).weightedSquares()
          + squares.mean() * squares.sum()
      },
      reference: {
        let squares = $0[0] * $0[0]
        return (squares.summed(along: 1).repeated(3, along: 1) * $0[0]).weightedSquares()
          + squares.sum / 24 * squares.sum
      })
  }
}

import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Arithmetic")
struct ArithmeticTests {
  private let pair: [GradientCheck.Input] = [
    .featureMaps([2, 9, 3, 4]), .featureMaps([2, 9, 3, 4]),
  ]

  @Test func add() {
    GradientCheck("a + b").expectGradients(
      of: pair, operation: { $0[0] + $0[1] }, reference: { $0[0] + $0[1] })
  }

  @Test func subtract() {
    GradientCheck("a - b").expectGradients(
      of: pair, operation: { $0[0] - $0[1] }, reference: { $0[0] - $0[1] })
  }

  @Test func multiply() {
    GradientCheck("a * b").expectGradients(
      of: pair, operation: { $0[0] * $0[1] }, reference: { $0[0] * $0[1] })
  }

  @Test func divide() {
    GradientCheck("a / b").expectGradients(
      of: [
        .featureMaps([2, 9, 3, 4]),
        .featureMaps([2, 9, 3, 4]) { ReferenceTensor.random($0, in: 0.5...2, using: &$1) },
      ], operation: { $0[0] / $0[1] }, reference: { $0[0] * $0[1].reciprocal() })
  }

  @Test func numbers() {
    GradientCheck("-1.5 a + 0.75").expectGradients(
      of: [.featureMaps([2, 9, 3, 4])], operation: { $0[0] * -1.5 + 0.75 },
      reference: { $0[0].map { -1.5 * $0 + 0.75 } })
  }

  @Test func aVariableWithItself() {
    GradientCheck("a * a - (a + a)").expectGradients(
      of: [.featureMaps([1, 3, 2, 2])], operation: { $0[0] * $0[0] - ($0[0] + $0[0]) },
      reference: { $0[0].map { $0 * $0 - 2 * $0 } })
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("a * b - a / b").expectPenaltyGradients(
      of: [
        .featureMaps([1, 3, 2, 3]),
        .featureMaps([1, 3, 2, 3]) { ReferenceTensor.random($0, in: 0.5...2, using: &$1) },
      ], operation: { ($0[0] * $0[1] - $0[0] / $0[1]).weightedSquares() },
      reference: { ($0[0] * $0[1] - $0[0] * $0[1].reciprocal()).weightedSquares() })
  }
}

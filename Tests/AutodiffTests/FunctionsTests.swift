import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Functions")
struct FunctionsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var range: ClosedRange<Double> = -3...3
    let operation: @Sendable (Variable) -> Variable
    let reference: @Sendable (ReferenceTensor) -> ReferenceTensor
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "sigmoid", operation: { $0.sigmoid() }, reference: { $0.sigmoid() }),
    Case(name: "softplus", operation: { $0.softplus() }, reference: { $0.softplus() }),
    Case(
      name: "exponential", range: -1...1, operation: { $0.exponential() },
      reference: { $0.exponential() }),
    Case(
      name: "logarithm", range: 0.5...3, operation: { $0.logarithm() },
      reference: { $0.logarithm() }),
    Case(
      name: "square root", range: 0.5...3, operation: { $0.squareRoot() },
      reference: { $0.squareRoot() }),
    Case(
      name: "reciprocal", range: 0.5...3, operation: { $0.reciprocal() },
      reference: { $0.reciprocal() }),
    Case(
      name: "absolute value", range: -3 ... -0.1, operation: { $0.absoluteValue() },
      reference: { $0.absoluteValue() }),
  ]

  @Test(arguments: cases)
  func gradients(_ function: Case) {
    GradientCheck(function.name).expectGradients(
      of: [
        .featureMaps([2, 9, 3, 2]) {
          ReferenceTensor.random($0, in: function.range, using: &$1)
        }
      ], operation: { function.operation($0[0]) }, reference: { function.reference($0[0]) })
  }

  @Test(arguments: cases)
  func secondDerivatives(_ function: Case) {
    SecondDerivativeCheck(function.name).expectPenaltyGradients(
      of: [
        .featureMaps([1, 3, 2, 2]) {
          ReferenceTensor.random($0, in: function.range, using: &$1)
        }
      ], operation: { function.operation($0[0]).weightedSquares() },
      reference: { function.reference($0[0]).weightedSquares() })
  }

  @Test func theDerivativeOfTheMagnitudeAtZeroIsZero() {
    let x = Variable.leaf(Tensor([0, -2, 3], shape: [3]))
    let gradient = Autodiff.gradients(of: x.absoluteValue().sum(), by: [x])[0]
    #expect(gradient?.value.elements == [0, -1, 1])
  }
}

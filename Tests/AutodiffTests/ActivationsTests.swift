import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Activations")
struct ActivationsTests {
  static let shape = [2, 9, 3, 5]

  static func inputAwayFromZero(_ shape: [Int] = shape) -> GradientCheck.Input {
    .featureMaps(shape) { ReferenceTensor.randomAwayFromZero($0, using: &$1) }
  }

  @Test(arguments: [0, 0.01, 0.2, 1])
  func leakyReLU(negativeSlope: Double) {
    GradientCheck("leaky ReLU \(negativeSlope)").expectGradients(
      of: [Self.inputAwayFromZero()],
      operation: { $0[0].leakyReLU(negativeSlope: Float(negativeSlope)) },
      reference: { $0[0].leakyReLU(negativeSlope: Double(Float(negativeSlope))) })
  }

  @Test func reLU() {
    GradientCheck("ReLU").expectGradients(
      of: [Self.inputAwayFromZero()], operation: { $0[0].relu() },
      reference: { $0[0].leakyReLU(negativeSlope: 0) })
  }

  @Test func elu() {
    GradientCheck("ELU").expectGradients(
      of: [Self.inputAwayFromZero()], operation: { $0[0].elu() }, reference: { $0[0].elu() })
  }

  @Test func tanh() {
    GradientCheck("tanh").expectGradients(
      of: [.featureMaps(Self.shape) { ReferenceTensor.random($0, in: -3...3, using: &$1) }],
      operation: { $0[0].tanh() }, reference: { $0[0].tanh() })
  }

  /// Values on both sides of the bound and away from it.
  private static let clippedInput = GradientCheck.Input.featureMaps(shape) { shape, random in
    ReferenceTensor.randomAwayFromZero(shape, using: &random).map { $0 > 0 ? $0 + 0.5 : $0 - 0.5 }
      .map { abs($0) > 0.95 && abs($0) < 1.05 ? $0 / 2 : $0 }
  }

  @Test func clip() {
    GradientCheck("clip").expectGradients(
      of: [Self.clippedInput], operation: { $0[0].clipped(to: 1) },
      reference: { $0[0].clipped(to: 1) })
  }

  /// As in PyTorch, gradients pass at the bounds themselves and nowhere beyond.
  @Test func clipAtItsBounds() {
    let x = Variable.leaf(Tensor([-1.5, -1, 0.5, 1, 1.0001, .nan], shape: [6]))
    let output = x.clipped(to: 1)
    #expect(output.value.elements.prefix(5) == [-1, -1, 0.5, 1, 1])
    #expect(output.value.elements[5].isNaN)
    let ones = Variable(Tensor(repeating: 1, shape: [6]))
    let gradient = Autodiff.gradients(of: [(output, ones)], by: [x])[0]
    #expect(gradient?.value.elements == [0, 1, 1, 1, 0, 0])
  }

  @Test func secondDerivatives() {
    let shape = [2, 3, 2, 3]
    SecondDerivativeCheck("leaky ReLU").expectPenaltyGradients(
      of: [Self.inputAwayFromZero(shape)],
      operation: { $0[0].leakyReLU(negativeSlope: 0.2).weightedSquares() },
      reference: { $0[0].leakyReLU(negativeSlope: Double(Float(0.2))).weightedSquares() })
    SecondDerivativeCheck("ELU").expectPenaltyGradients(
      of: [Self.inputAwayFromZero(shape)], operation: { $0[0].elu().weightedSquares() },
      reference: { $0[0].elu().weightedSquares() })
    SecondDerivativeCheck("clip").expectPenaltyGradients(
      of: [Self.clippedInput], operation: { $0[0].clipped(to: 1).weightedSquares() },
      reference: { $0[0].clipped(to: 1).weightedSquares() })
    SecondDerivativeCheck("tanh").expectPenaltyGradients(
      of: [.featureMaps(shape)], operation: { $0[0].tanh().weightedSquares() },
      reference: { $0[0].tanh().weightedSquares() })
  }

  @Test func fusedBackwardOfELU() {
    expectFusedBackwardEqualsDefinition("ELU", of: [.featureMaps([2, 5, 4, 3])]) { $0[0].elu() }
  }
}

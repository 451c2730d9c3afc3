import Autodiff
import CKernels
import Kernels
import TensorCore
import TestSupport
import Testing

/// A leaky ReLU whose backward forgets the slope.
private struct BrokenLeakyReLU: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.mapped(CKERNELS_LEAKY_RELU, 0.2), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient]
  }
}

/// A tanh whose backward is right, but treats its own output as a constant.
private struct TanhWithoutSecondDerivative: Operation {
  var keepsOutput: Bool { true }

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.mapped(CKERNELS_TANH), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    guard let output = output?.detached else { return [nil] }
    return [outputGradient - outputGradient * (output * output)]
  }
}

/// The checks must find faults.
@Suite("Gradient check")
struct GradientCheckTests {
  private let input = ActivationsTests.inputAwayFromZero([2, 3, 3, 3])

  @Test func aWrongBackwardFailsForEverySeed() {
    var check = GradientCheck("broken leaky ReLU")
    check.layouts = [.plain]
    let problems = check.problems(
      of: [input], operation: { Variable.apply(BrokenLeakyReLU(), $0) },
      reference: { $0[0].leakyReLU(negativeSlope: 0.2) })
    #expect(problems.count == check.seeds)
  }

  @Test func aWrongForwardFailsForEverySeed() {
    var check = GradientCheck("wrong slope")
    check.layouts = [.plain]
    let problems = check.problems(
      of: [input], operation: { $0[0].leakyReLU(negativeSlope: 0.2) },
      reference: { $0[0].leakyReLU(negativeSlope: 0.21) })
    #expect(problems.count == check.seeds)
  }

  @Test func aMissingGradientIsFound() {
    var check = GradientCheck("detached")
    check.layouts = [.plain]
    let problems = check.problems(
      of: [input], operation: { $0[0].detached.tanh() }, reference: { $0[0].tanh() })
    #expect(problems.count == check.seeds)
    #expect(problems.allSatisfy { $0.hasSuffix("no gradient") })
  }

  @Test func gradientsCanBeComparedWithTheOperationItself() {
    var check = GradientCheck("tanh")
    check.tolerance = 1e-3
    check.expectGradientsFitValues(of: [input]) { $0[0].tanh() }
    check.seeds = 1
    check.layouts = [.plain]
    withKnownIssue {
      check.expectGradientsFitValues(of: [input]) { Variable.apply(BrokenLeakyReLU(), $0) }
    }
  }

  @Test func aMissingSecondDerivativeFailsForEverySeed() {
    var check = SecondDerivativeCheck("broken tanh")
    check.layouts = [.plain]
    let problems = check.problems(
      of: [.featureMaps([1, 2, 2, 2])],
      operation: { Variable.apply(TanhWithoutSecondDerivative(), $0).weightedSquares() },
      reference: { $0[0].tanh().weightedSquares() })
    #expect(problems.count == check.seeds)
    GradientCheck("tanh without second derivative").expectGradients(
      of: [input], operation: { Variable.apply(TanhWithoutSecondDerivative(), $0) },
      reference: { $0[0].tanh() })
  }
}

import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Normalize")
struct NormalizeTests {
  @Test(arguments: [1, 0.2, 0], [3, 8, 19])
  func instanceNorm(negativeSlope: Double, channels: Int) {
    GradientCheck("instance norm, slope \(negativeSlope)").expectGradients(
      of: [.featureMaps([2, channels, 4, 5])],
      operation: { $0[0].instanceNormalized(negativeSlope: Float(negativeSlope)) },
      reference: {
        $0[0].instanceNormalized().leakyReLU(negativeSlope: Double(Float(negativeSlope)))
      })
  }

  @Test func instanceNormWithAnAddend() {
    GradientCheck("instance norm with an addend").expectGradients(
      of: [.featureMaps([2, 9, 4, 5]), .featureMaps([2, 9, 4, 5])],
      operation: { $0[0].instanceNormalized(negativeSlope: 0, adding: $0[1]) },
      reference: { $0[0].instanceNormalized().leakyReLU(negativeSlope: 0) + $0[1] })
  }

  @Test(arguments: [1, 0.2], [3, 8, 19])
  func batchNorm(negativeSlope: Double, channels: Int) {
    GradientCheck("batch norm, slope \(negativeSlope)").expectGradients(
      of: [.featureMaps([3, channels, 4, 3]), .values([channels]), .values([channels])],
      operation: { $0[0].batchNormalized($0[1], $0[2], negativeSlope: Float(negativeSlope)) },
      reference: {
        $0[0].batchNormalized(weight: $0[1], bias: $0[2])
          .leakyReLU(negativeSlope: Double(Float(negativeSlope)))
      })
  }

  @Test func oneImageAndOneChannel() {
    GradientCheck("instance norm of one plane").expectGradients(
      of: [.featureMaps([1, 1, 3, 3])], operation: { $0[0].instanceNormalized() },
      reference: { $0[0].instanceNormalized() })
    GradientCheck("batch norm of one image").expectGradients(
      of: [.featureMaps([1, 1, 3, 3]), .values([1]), .values([1])],
      operation: { $0[0].batchNormalized($0[1], $0[2]) },
      reference: { $0[0].batchNormalized(weight: $0[1], bias: $0[2]) })
  }

  @Test(arguments: [1, 0.2] as [Float])
  func fusedBackward(negativeSlope: Float) {
    expectFusedBackwardEqualsDefinition("instance norm", of: [.featureMaps([2, 9, 5, 3])]) {
      $0[0].instanceNormalized(negativeSlope: negativeSlope)
    }
    expectFusedBackwardEqualsDefinition(
      "instance norm with an addend",
      of: [.featureMaps([2, 9, 5, 3]), .featureMaps([2, 9, 5, 3])]
    ) {
      $0[0].instanceNormalized(negativeSlope: negativeSlope, adding: $0[1])
    }
    expectFusedBackwardEqualsDefinition(
      "batch norm", of: [.featureMaps([3, 9, 5, 3]), .values([9]), .values([9])]
    ) {
      $0[0].batchNormalized($0[1], $0[2], negativeSlope: negativeSlope)
    }
  }

  /// The recorded backward of the second layer must not follow the parameters into the first.
  @Test func fusedBackwardWhereParametersAreShared() {
    expectFusedBackwardEqualsDefinition(
      "batch norm twice", of: [.featureMaps([3, 4, 3, 3]), .values([4]), .values([4])]
    ) {
      $0[0].batchNormalized($0[1], $0[2]).batchNormalized($0[1], $0[2])
    }
    expectFusedBackwardEqualsDefinition(
      "batch norm with one vector as weight and bias",
      of: [.featureMaps([3, 4, 3, 3]), .values([4])]
    ) {
      $0[0].batchNormalized($0[1], $0[1])
    }
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("instance norm").expectPenaltyGradients(
      of: [.featureMaps([2, 3, 3, 2])],
      operation: { ($0[0].instanceNormalized(epsilon: 0.1) + 0.5).weightedSquares() },
      reference: { ($0[0].instanceNormalized(epsilon: 0.1).map { $0 + 0.5 }).weightedSquares() })
    SecondDerivativeCheck("batch norm").expectPenaltyGradients(
      of: [.featureMaps([2, 3, 3, 2]), .values([3]), .values([3])],
      operation: { $0[0].batchNormalized($0[1], $0[2], epsilon: 0.1).weightedSquares() },
      reference: {
        $0[0].batchNormalized(weight: $0[1], bias: $0[2], epsilon: 0.1).weightedSquares()
      })
  }

  @Test func instanceNormIgnoresGainAndOffset() {
    var random = CounterBasedRandom(test: 1)
    let x = ReferenceTensor.random([2, 3, 8, 8], using: &random)
    let changed = x.map { 3 * $0 + 5 }
    expectClose(
      Variable(x.tensor()).instanceNormalized(epsilon: 1e-9),
      Variable(changed.tensor()).instanceNormalized(epsilon: 1e-9), .normwise(1e-5))
  }
}

extension Variable {
  /// Batch norm over this variable's own statistics.
  fileprivate func batchNormalized(
    _ weight: Variable, _ bias: Variable, epsilon: Float = 1e-5, negativeSlope: Float = 1
  ) -> Variable {
    batchNormalized(
      moments: Normalization(like: value, group: .batch).moments(value), weight: weight, bias: bias,
      epsilon: epsilon, negativeSlope: negativeSlope)
  }
}

import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Pooling")
struct PoolingTests {
  static let shapes = [[2, 3, 4, 6], [1, 8, 2, 2], [2, 9, 5, 7]]

  static func distinct(_ shape: [Int]) -> GradientCheck.Input {
    .featureMaps(shape) { ReferenceTensor.randomDistinct($0, using: &$1) }
  }

  @Test(arguments: shapes)
  func maximum(shape: [Int]) {
    GradientCheck("max pool").expectGradients(
      of: [Self.distinct(shape)], operation: { $0[0].maxPooled() },
      reference: { $0[0].maxPooled() })
  }

  @Test(arguments: shapes)
  func upsampling(shape: [Int]) {
    GradientCheck("nearest upsampling").expectGradients(
      of: [.featureMaps(shape)], operation: { $0[0].upsampledNearest() },
      reference: { $0[0].upsampledNearest() })
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("max pool").expectPenaltyGradients(
      of: [Self.distinct([1, 2, 5, 4])], operation: { $0[0].maxPooled().weightedSquares() },
      reference: { $0[0].maxPooled().weightedSquares() })
    SecondDerivativeCheck("nearest upsampling").expectPenaltyGradients(
      of: [.featureMaps([1, 2, 3, 2])], operation: { $0[0].upsampledNearest().weightedSquares() },
      reference: { $0[0].upsampledNearest().weightedSquares() })
  }
}

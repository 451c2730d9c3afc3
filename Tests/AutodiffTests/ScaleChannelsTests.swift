import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Scale channels")
struct ScaleChannelsTests {
  @Test(arguments: [1, 8, 11])
  func scalingChannels(channels: Int) {
    GradientCheck("scaling channels").expectGradients(
      of: [.featureMaps([2, channels, 3, 4]), .values([channels])],
      operation: { $0[0].scalingChannels(by: $0[1]) },
      reference: { $0[0].scalingChannels(by: $0[1]) })
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("scaling channels").expectPenaltyGradients(
      of: [.featureMaps([2, 3, 2, 2]), .values([3])],
      operation: { $0[0].scalingChannels(by: $0[1]).weightedSquares() },
      reference: { $0[0].scalingChannels(by: $0[1]).weightedSquares() })
  }
}

extension ReferenceTensor {
  /// Each channel times a number of its own, [N, C, H, W] * [C].
  fileprivate func scalingChannels(by factors: ReferenceTensor) -> ReferenceTensor {
    let pixels = shape[2] * shape[3]
    return ReferenceTensor(shape: shape) {
      elements[$0] * factors.elements[$0 / pixels % shape[1]]
    }
  }
}

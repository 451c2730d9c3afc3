import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Crop")
struct CropTests {
  private let windows = CropWindows(tops: [0, 2, 1], lefts: [1, 3, 0], height: 3, width: 2)

  @Test(arguments: [3, 8])
  func gradients(channels: Int) {
    GradientCheck("crop").expectGradients(
      of: [.featureMaps([3, channels, 5, 5])], operation: { $0[0].cropped(to: windows) },
      reference: { $0[0].cropped(to: windows) })
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("crop").expectPenaltyGradients(
      of: [.featureMaps([3, 1, 5, 5])],
      operation: { ($0[0] * $0[0]).cropped(to: windows).weightedSquares() },
      reference: { ($0[0] * $0[0]).cropped(to: windows).weightedSquares() })
  }
}

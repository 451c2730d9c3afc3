import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Channel sums")
struct ChannelSumsTests {
  @Test(arguments: [1, 8, 11])
  func addingToChannels(channels: Int) {
    GradientCheck("adding to channels").expectGradients(
      of: [.featureMaps([2, channels, 3, 4]), .values([channels])],
      operation: { $0[0].addingToChannels($0[1]) }, reference: { $0[0].addingToChannels($0[1]) })
  }

  @Test(arguments: [1, 8, 11])
  func summingOverChannels(channels: Int) {
    GradientCheck("summing over channels").expectGradients(
      of: [.featureMaps([2, channels, 3, 4])], operation: { $0[0].summedOverChannels() },
      reference: { $0[0].summedOverChannels() })
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("channel sums").expectPenaltyGradients(
      of: [.featureMaps([2, 3, 2, 2]), .values([3])],
      operation: {
        ($0[0] * $0[0]).addingToChannels($0[1]).summedOverChannels().weightedSquares()
      },
      reference: {
        ($0[0] * $0[0]).addingToChannels($0[1]).summedOverChannels().weightedSquares()
      })
  }
}

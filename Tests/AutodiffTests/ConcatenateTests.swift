import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Concatenate")
struct ConcatenateTests {
  @Test(arguments: [[8, 16], [16, 3], [3, 8, 5], [7]])
  func featureMaps(counts: [Int]) {
    GradientCheck("concatenation of \(counts)").expectGradients(
      of: counts.map { .featureMaps([2, $0, 2, 3]) }, operation: { Variable.concatenated($0) },
      reference: { ReferenceTensor.concatenated($0) })
  }

  @Test func rowsOfFeatures() {
    GradientCheck("concatenation of rows").expectGradients(
      of: [.values([3, 2]), .values([3, 4])], operation: { Variable.concatenated($0) },
      reference: { ReferenceTensor.concatenated($0) })
  }

  @Test(arguments: [0..<8, 8..<19, 3..<5, 0..<19])
  func selectingChannels(channels: Range<Int>) {
    GradientCheck("channels \(channels)").expectGradients(
      of: [.featureMaps([2, 19, 2, 3])], operation: { $0[0].channels(channels) },
      reference: { $0[0].channels(channels) })
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("concatenation").expectPenaltyGradients(
      of: [.featureMaps([1, 2, 2, 2]), .featureMaps([1, 3, 2, 2])],
      operation: {
        let joined = Variable.concatenated($0)
        return (joined * joined).channels(1..<4).weightedSquares()
      },
      reference: {
        let joined = ReferenceTensor.concatenated($0)
        return (joined * joined).channels(1..<4).weightedSquares()
      })
  }
}

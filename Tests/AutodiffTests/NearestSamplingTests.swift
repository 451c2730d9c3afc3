import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Nearest sampling")
struct NearestSamplingTests {
  /// The examples of docs/models/deepfill.md 2.1; a tie goes up.
  @Test func indices() {
    #expect(NearestSampling.floor.indices(from: 64, to: 32) == (0..<32).map { 2 * $0 })
    #expect(NearestSampling.floor.indices(from: 256, to: 32) == (0..<32).map { 8 * $0 })
    let aligned = NearestSampling.alignedCorners.indices(from: 64, to: 32)
    #expect(aligned == (0..<16).map { 2 * $0 } + (0..<16).map { 2 * $0 + 33 })
    #expect(NearestSampling.alignedCorners.indices(from: 18, to: 9)[4] == 9)
    #expect(NearestSampling.alignedCorners.indices(from: 8, to: 1) == [0])
    let rows = NearestSampling.alignedCorners.indices(from: 256, to: 64)
    let twice = aligned.map { rows[$0] }
    #expect(twice.first == 0 && twice[5...6] == [40, 49] && twice[15...16] == [121, 134])
    #expect(twice[25...26] == [206, 215] && twice.last == 255)
  }

  private static func sampled(_ x: ReferenceTensor, _ sampling: NearestSampling)
    -> ReferenceTensor
  {
    let rows = sampling.indices(from: x.shape[2], to: 3)
    let columns = sampling.indices(from: x.shape[3], to: 4)
    var result = ReferenceTensor(repeating: 0, shape: [x.shape[0], x.shape[1], 3, 4])
    for n in 0..<x.shape[0] {
      for c in 0..<x.shape[1] {
        for h in 0..<3 {
          for w in 0..<4 { result[n, c, h, w] = x[n, c, rows[h], columns[w]] }
        }
      }
    }
    return result
  }

  /// Smaller, and partly larger than the input, so that some rows are taken twice.
  @Test(
    arguments: [NearestSampling.floor, .alignedCorners], [[2, 9, 6, 8], [1, 3, 2, 7]])
  func gradients(_ sampling: NearestSampling, shape: [Int]) {
    GradientCheck("nearest sampling").expectGradients(
      of: [.featureMaps(shape)],
      operation: { $0[0].sampled(height: 3, width: 4, by: sampling) },
      reference: { Self.sampled($0[0], sampling) })
  }

  @Test(arguments: [NearestSampling.floor, .alignedCorners])
  func secondDerivatives(_ sampling: NearestSampling) {
    SecondDerivativeCheck("nearest sampling").expectPenaltyGradients(
      of: [.featureMaps([1, 2, 5, 6])],
      operation: { $0[0].sampled(height: 3, width: 4, by: sampling).weightedSquares() },
      reference: { Self.sampled($0[0], sampling).weightedSquares() })
  }
}

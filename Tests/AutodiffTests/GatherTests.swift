import Autodiff
import TensorCore
import TestSupport
import Testing

@Suite("Gather")
struct GatherTests {
  /// Some elements twice, some not at all, and places without an element.
  private static let indices = [5, 0, -1, 11, 5, 3, -1, 7]
  private static let shape = [1, 2, 2, 3]

  private static func gathered(_ x: ReferenceTensor) -> ReferenceTensor {
    ReferenceTensor(indices.map { $0 < 0 ? 0 : x.elements[$0] }, shape: [2, 4])
  }

  private static func scattered(_ x: ReferenceTensor) -> ReferenceTensor {
    var result = ReferenceTensor(repeating: 0, shape: [3, 4])
    for (index, value) in zip(indices, x.elements) where index >= 0 {
      result.elements[index] += value
    }
    return result
  }

  @Test func gradients() {
    GradientCheck("gather").expectGradients(
      of: [.featureMaps(Self.shape)],
      operation: { $0[0].gathered(Self.indices, shape: [2, 4]) },
      reference: { Self.gathered($0[0]) })
    GradientCheck("scatter").expectGradients(
      of: [.values([8])], operation: { $0[0].scattered(Self.indices, shape: [3, 4]) },
      reference: { Self.scattered($0[0]) })
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("gather").expectPenaltyGradients(
      of: [.featureMaps(Self.shape)],
      operation: { $0[0].gathered(Self.indices, shape: [2, 4]).weightedSquares() },
      reference: { Self.gathered($0[0]).weightedSquares() })
    SecondDerivativeCheck("scatter").expectPenaltyGradients(
      of: [.values([8])],
      operation: { $0[0].scattered(Self.indices, shape: [3, 4]).weightedSquares() },
      reference: { Self.scattered($0[0]).weightedSquares() })
  }
}

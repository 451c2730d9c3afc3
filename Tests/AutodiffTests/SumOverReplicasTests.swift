import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Sum over replicas")
struct SumOverReplicasTests {
  @Test(arguments: [1, 2, 5])
  func gradients(replicas: Int) {
    let sum = SumOfRows(replicas: replicas)
    GradientCheck("sum over \(replicas) replicas").expectGradients(
      of: (0..<replicas).map { _ in .values([4]) },
      operation: { Self.weighted(Variable.summedOverReplicas($0, by: sum)) },
      reference: { vectors in
        let total = vectors.dropFirst().reduce(vectors[0], +)
        return vectors.indices.reduce(ReferenceTensor(repeating: 0, shape: [4])) {
          $0 + total * Double($1 + 1)
        }
      })
  }

  @Test func secondDerivatives() {
    let sum = SumOfRows(replicas: 2)
    SecondDerivativeCheck("sum over replicas").expectPenaltyGradients(
      of: [.values([3]), .values([3])],
      operation: { vectors in
        Self.weighted(
          Variable.summedOverReplicas(vectors.map { $0 * $0 }, by: sum)
        ).weightedSquares()
      },
      reference: { vectors in
        let total = vectors[0] * vectors[0] + vectors[1] * vectors[1]
        return (total * 3).weightedSquares()
      })
  }

  /// Every replica's result counts differently.
  private static func weighted(_ results: [Variable]) -> Variable {
    results.enumerated().map { $1 * Float($0 + 1) }.reduce(nil) { sum, part in
      sum.map { $0 + part } ?? part
    } ?? Variable(Tensor(0))
  }
}

/// All replicas on one rank.
private final class SumOfRows: ReplicaSum {
  let replicas: Int

  init(replicas: Int) {
    self.replicas = replicas
  }

  func total(of rows: Tensor) -> Tensor {
    rows.summed(along: 0).reshaped(to: [rows.shape[1]])
  }
}

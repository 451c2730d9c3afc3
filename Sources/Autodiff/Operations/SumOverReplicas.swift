import Kernels
package import TensorCore

/// Adds one vector of every replica of a step, wherever the replicas run.
///
/// All ranks call it equally often, in the same order and with vectors of the same length. It belongs
/// to the task that computes the step.
package protocol ReplicaSum: AnyObject, Sendable {
  /// Replicas of the step, on all ranks.
  var replicas: Int { get }

  /// The sum over all replicas, [count].
  ///
  /// - Parameter rows: One row for each replica of this rank, in order, [replicas of this rank, count].
  /// - Returns: The same bits on every rank.
  func total(of rows: Tensor) -> Tensor
}

/// In the place of every row the sum over the rows of all ranks.
///
/// Every replica's loss depends on every replica's row, in the same way: the operation is its own
/// backward, and can be differentiated as often as one likes.
struct SumOverReplicas: Operation {
  let sum: any ReplicaSum

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    let rows = inputs[0].value
    let total = sum.total(of: rows).reshaped(to: [1, rows.shape[1]])
    return (total.repeated(rows.shape[0], along: 0), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(self, [outputGradient.plain()])]
  }
}

extension Variable {
  /// The sum of a vector over all replicas of a step, once for each replica of this rank.
  ///
  /// Every replica has a result of its own, so that gradients that flow back are added over replicas
  /// in the order of `sum`, too.
  ///
  /// - Parameters:
  ///   - vectors: The vector of each replica of this rank, [count] each.
  ///   - sum: Who adds them.
  /// - Returns: The same vector for each replica of this rank, [count] each.
  package static func summedOverReplicas(
    _ vectors: [Variable], by sum: any ReplicaSum
  ) -> [Variable] {
    let count = vectors[0].shape.elementCount
    let row = concatenated(vectors.map { $0.reshaped(to: [1, count]) })
    let totals = apply(SumOverReplicas(sum: sum), [row.reshaped(to: [vectors.count, count])])
      .reshaped(to: [1, vectors.count * count])
    return vectors.indices.map { replica in
      totals.channels(replica * count..<(replica + 1) * count).reshaped(to: [count])
    }
  }
}

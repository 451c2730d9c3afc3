import Autodiff
package import Communication
package import TensorCore

/// Sums over all replicas of a step, for batch statistics and means of the whole batch.
///
/// The rows of this rank's replicas are added in their part of the canonical tree, then those of the
/// ranks, so that a sum has the same bits on any number of ranks. A sum is complete when it returns;
/// gradients on their way have other message tags and go on afterwards.
///
/// It belongs to the thread of its communicator.
package final class GlobalBatchSum: ReplicaSum, @unchecked Sendable {
  package let replicas: Int
  private let localReplicas: Int
  private let reducer: TreeReducer
  private var workspaces: [Int: Workspace] = [:]
  private var failure: CommunicationError?

  private struct Workspace {
    let row: FloatArena
    let accumulator: ReplicaAccumulator
  }

  /// Prepares sums of any length.
  package init(communicator: any Communicator, layout: ReplicaLayout) {
    replicas = layout.replicas
    localReplicas = layout.localCount
    reducer = TreeReducer(communicator: communicator, layout: layout)
  }

  /// The sum over all replicas, [count]; after an error between the ranks only this rank's part.
  package func total(of rows: Tensor) -> Tensor {
    precondition(
      rows.shape.axisCount == 2 && rows.shape[0] == localReplicas,
      "\(rows.shape) is not one row for each of \(localReplicas) replicas")
    let count = rows.shape[1]
    let workspace = workspace(count)
    rows.withUnsafeFloats { rows in
      for replica in 0..<localReplicas {
        _ = workspace.row.values.update(
          fromContentsOf: rows[replica * count..<(replica + 1) * count])
        workspace.accumulator.add(0..<count, of: workspace.row.values, replica: replica)
      }
    }
    if failure == nil {
      StepPhase.enter("batch-statistics", waits: true)
      defer { StepPhase.enter("discriminator") }
      do {
        try reducer.reduce(workspace.row.values)
      } catch {
        failure = error
      }
    }
    return Tensor(Array(workspace.row.values), shape: [count])
  }

  /// Says whether all sums since the start were complete.
  ///
  /// An operation of a graph cannot throw: whoever computes a graph asks afterwards.
  ///
  /// - Throws: What went wrong first between the ranks.
  package func check() throws(CommunicationError) {
    if let failure { throw failure }
  }

  private func workspace(_ count: Int) -> Workspace {
    if let workspace = workspaces[count] { return workspace }
    let workspace = Workspace(
      row: FloatArena(count: count),
      accumulator: ReplicaAccumulator(count: count, replicas: localReplicas))
    workspaces[count] = workspace
    return workspace
  }
}

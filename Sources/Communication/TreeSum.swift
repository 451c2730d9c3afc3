/// Adds rows of equal length elementwise in the order of one balanced binary tree over the rows:
/// ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)).
///
/// This order is the definition of every sum over replicas. Where the number of rows is no power of
/// two, the left part of a tree is the largest full one.
package func treeSum(_ rows: [[Double]]) -> [Double] {
  func sum(_ range: Range<Int>) -> [Double] {
    guard range.count > 1 else { return range.isEmpty ? [] : rows[range.lowerBound] }
    let levels = Int.bitWidth - 1 - (range.count - 1).leadingZeroBitCount
    let middle = range.lowerBound + (1 << levels)
    return zip(sum(range.lowerBound..<middle), sum(middle..<range.upperBound)).map(+)
  }
  return sum(rows.indices)
}

extension Communicator {
  /// Collects the numbers of every replica on every rank, in replica order.
  ///
  /// Meant for a step's losses, its non-finite flags and its stop requests: every rank sees the
  /// same table, so every rank comes to the same verdict, and the row names the replica.
  ///
  /// - Parameters:
  ///   - rows: The numbers of this rank's replicas, one row for each; all rows of the run have the
  ///     same length.
  ///   - layout: Which replicas this rank hosts.
  /// - Returns: One row for each replica of the run; `treeSum` of it does not depend on `worldSize`.
  /// - Throws: The communicator's errors.
  package func allGatherReplicas(
    _ rows: [[Double]], layout: ReplicaLayout
  ) throws(CommunicationError) -> [[Double]] {
    precondition(
      rows.count == layout.localCount,
      "\(rows.count) rows for \(layout.localCount) replicas on rank \(rank)")
    let columns = rows[0].count
    let all: [Double] = try allGather(Array(rows.joined())).flatMap { $0 }
    precondition(
      all.count == layout.replicas * columns, "all ranks gather rows of \(columns) numbers")
    return (0..<layout.replicas).map { Array(all[$0 * columns..<($0 + 1) * columns]) }
  }
}

/// Which replicas of the global batch a rank hosts.
///
/// A run has a fixed, power-of-two number of replicas, which define its arithmetic. Its ranks, whose
/// number divides the replicas, host equal shares of consecutive ones.
package struct ReplicaLayout: Equatable, Sendable {
  /// The number of replicas of the run.
  package let replicas: Int
  /// The number of ranks.
  package let worldSize: Int
  /// The rank this layout describes.
  package let rank: Int

  /// Assigns replicas to a rank.
  ///
  /// - Throws: A setting error where the replicas are no power of two or the ranks do not divide
  ///   them.
  package init(replicas: Int, worldSize: Int, rank: Int) throws(CommunicationError) {
    guard replicas > 0, replicas & (replicas - 1) == 0 else {
      throw CommunicationError(
        .setting, "training.replicas is \(replicas), but must be a power of two")
    }
    guard worldSize > 0, replicas.isMultiple(of: worldSize) else {
      throw CommunicationError(
        .setting,
        """
        \(worldSize) ranks cannot host \(replicas) replicas evenly; \
        start 1, 2, 4, ... or \(replicas) ranks, or set training.replicas
        """)
    }
    self.replicas = replicas
    self.worldSize = worldSize
    self.rank = rank
  }

  /// The number of replicas on each rank.
  package var localCount: Int { replicas / worldSize }

  /// The replicas of this rank.
  package var localReplicas: Range<Int> { rank * localCount..<(rank + 1) * localCount }
}

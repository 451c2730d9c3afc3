package import Synchronization

/// What has been scored since the process began.
package enum ScoringStatistics {
  /// Pictures and groups of directions; it grows while a large set is being scored.
  package static let finished = Atomic<Int>(0)
}

package import Synchronization

/// Counts of work that a fast network avoids.
package enum KernelStatistics {
  /// Feature maps that were brought into another layout.
  package static let layoutConversions = Atomic<Int>(0)
}

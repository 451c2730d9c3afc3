package import Synchronization

/// Counts of work since the process began.
package enum KernelStatistics {
  /// Convolutions that were computed.
  package static let convolutions = Atomic<Int>(0)
  /// Feature maps that were brought into another layout, which a fast network avoids.
  package static let layoutConversions = Atomic<Int>(0)
}

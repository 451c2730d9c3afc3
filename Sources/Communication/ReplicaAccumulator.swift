import CMPI

/// Sums the gradients of a rank's replicas in tree order while they are computed one by one.
///
/// It counts in binary: partial sum `l` holds the last complete subtree of `2^l` replicas, so a rank
/// with `n` replicas keeps `log2(n)` buffers besides the one that replicas write to. Ranges of the
/// buffer are independent of each other and may be at different replicas; each begins at a multiple of
/// `WireFormat.block`.
package final class ReplicaAccumulator {
  private let replicas: Int
  private let wireFormat: WireFormat
  private let partialSums: [FloatArena]

  /// Prepares the sum of `replicas` buffers of `count` values.
  ///
  /// - Precondition: `replicas` is a power of two.
  package init(count: Int, replicas: Int, wireFormat: WireFormat = .float32) {
    precondition(replicas > 0 && replicas & (replicas - 1) == 0, "replicas are a power of two")
    self.replicas = replicas
    self.wireFormat = wireFormat
    partialSums = (0..<replicas.trailingZeroBitCount).map { _ in FloatArena(count: count) }
  }

  /// Adds one range of one replica's values.
  ///
  /// After the last replica, the range of `values` holds the sum of all. After any other its
  /// contents are undefined, and the next replica overwrites them.
  ///
  /// - Parameters:
  ///   - range: The part of `values` that is final.
  ///   - values: The whole buffer that replicas write to.
  ///   - replica: The number of the replica on this rank; each range sees 0, 1, 2, ... in order.
  package func add(
    _ range: Range<Int>, of values: UnsafeMutableBufferPointer<Float>, replica: Int
  ) {
    precondition(range.lowerBound.isMultiple(of: WireFormat.block), "ranges begin with a block")
    guard !range.isEmpty else { return }
    let carry = UnsafeMutableBufferPointer(rebasing: values[range])
    guard let sum = carry.baseAddress else { return }
    wireFormat.round(carry)
    let merged = (~replica).trailingZeroBitCount
    for level in 0..<merged where replica == replicas - 1 || level < merged - 1 {
      guard let lower = partialSums[level][range].baseAddress else { return }
      cmpi_floats_accumulate(sum, lower, carry.count)
      wireFormat.round(carry)
    }
    guard replica < replicas - 1, let kept = partialSums[merged][range].baseAddress else { return }
    if merged == 0 {
      kept.update(from: sum, count: carry.count)
    } else if let lower = partialSums[merged - 1][range].baseAddress {
      cmpi_floats_add(kept, lower, sum, carry.count)
      wireFormat.round(partialSums[merged][range])
    }
  }
}

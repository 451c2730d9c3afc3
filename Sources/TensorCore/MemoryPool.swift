import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Gives out aligned blocks of memory and takes them back for the next request of their size.
///
/// A training step asks for the same sizes as the one before, so that after the second step no
/// memory is requested from the system.
package final class MemoryPool: Sendable {
  /// The pool that tensors use.
  package static let shared = MemoryPool()

  /// What the pool has done so far.
  package struct Statistics: Sendable {
    /// Blocks requested from the system.
    package var systemAllocations = 0
    /// Bytes held from the system, in use or not.
    package var reservedBytes = 0
    /// Bytes in use.
    package var usedBytes = 0
    /// The most bytes in use at one time.
    package var peakUsedBytes = 0
  }

  private struct State: ~Copyable {
    var freeBlocks: [Int: [UInt]] = [:]
    var statistics = Statistics()
  }

  private let state = Mutex(State())

  /// Makes an empty pool.
  package init() {}

  /// What the pool has done so far.
  package var statistics: Statistics { state.withLock { $0.statistics } }

  /// Forgets the peak, so that the next one can be measured.
  package func resetPeak() {
    state.withLock { $0.statistics.peakUsedBytes = $0.statistics.usedBytes }
  }

  /// Rounds a request up to a size class: at most an eighth is wasted, and blocks are reused.
  package static func sizeClass(_ byteCount: Int) -> Int {
    guard byteCount > 512 else { return max(64, (byteCount + 63) / 64 * 64) }
    let granule = 1 << (Int.bitWidth - byteCount.leadingZeroBitCount - 4)
    return (byteCount + granule - 1) / granule * granule
  }

  /// Takes a block of at least this many bytes, aligned to 64 bytes.
  package func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let size = Self.sizeClass(byteCount)
    let reused = state.withLock { state -> UInt? in
      state.statistics.usedBytes += size
      state.statistics.peakUsedBytes = max(
        state.statistics.peakUsedBytes, state.statistics.usedBytes)
      if let block = state.freeBlocks[size]?.popLast() { return block }
      state.statistics.systemAllocations += 1
      state.statistics.reservedBytes += size
      return nil
    }
    if let block = reused.flatMap({ UnsafeMutableRawPointer(bitPattern: $0) }) { return block }
    return allocateFromSystem(size)
  }

  /// Gives a block back; `byteCount` is what was asked for.
  package func deallocate(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
    let size = Self.sizeClass(byteCount)
    state.withLock {
      $0.statistics.usedBytes -= size
      $0.freeBlocks[size, default: []].append(UInt(bitPattern: pointer))
    }
  }

  /// Returns every unused block to the system.
  package func trim() {
    let blocks = state.withLock { state in
      let blocks = state.freeBlocks
      state.freeBlocks = [:]
      for (size, pointers) in blocks {
        state.statistics.reservedBytes -= size * pointers.count
      }
      return blocks.values.joined()
    }
    for block in blocks { free(UnsafeMutableRawPointer(bitPattern: block)) }
  }
}

/// Large blocks start at a huge page, which spares the address translation much work.
private func allocateFromSystem(_ byteCount: Int) -> UnsafeMutableRawPointer {
  let hugePage = 2 << 20
  var pointer: UnsafeMutableRawPointer?
  let status = posix_memalign(&pointer, byteCount >= hugePage ? hugePage : 64, byteCount)
  guard status == 0, let pointer else {
    fatalError("out of memory: the system refused \(byteCount) bytes")
  }
  #if os(Linux)
  if byteCount >= hugePage { madvise(pointer, byteCount, MADV_HUGEPAGE) }
  #endif
  return pointer
}

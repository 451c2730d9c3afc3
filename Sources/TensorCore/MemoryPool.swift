import Glibc
import Synchronization

/// Gives out aligned blocks of memory and takes them back for later requests.
///
/// A training step asks for the same sizes as the one before, so that after the second step no
/// memory is requested from the system. Small blocks wait for the next request of their size; large
/// ones are cut from slabs, which join them again.
package final class MemoryPool: Sendable {
  /// The pool that tensors use.
  package static let shared = MemoryPool()

  /// What the pool has done so far.
  package struct Statistics: Sendable {
    /// Small blocks, and slabs of large ones, requested from the system.
    package var systemAllocations = 0
    /// Bytes held from the system, in use or not; of a slab, only what has been used takes memory.
    package var reservedBytes = 0
    /// Bytes in use.
    package var usedBytes = 0
    /// The most bytes in use at one time.
    package var peakUsedBytes = 0
  }

  private struct State: ~Copyable {
    var freeBlocks: [Int: [UInt]] = [:]
    var arena = BlockArena()
    var statistics = Statistics()
  }

  private let state = Mutex(State())

  /// Makes an empty pool.
  package init() {}

  /// What the pool has done so far.
  package var statistics: Statistics { state.withLock { $0.statistics } }

  /// The smallest block that is cut from a slab.
  package static let largeSize = 1 << 20
  private static let slabSize = 256 << 20

  /// Rounds a request up: small ones to a size class, of which at most an eighth is wasted, large
  /// ones to whole pages.
  package static func blockSize(_ byteCount: Int) -> Int {
    guard byteCount > 512 else { return max(64, (byteCount + 63) / 64 * 64) }
    let granule =
      byteCount < largeSize ? 1 << (Int.bitWidth - byteCount.leadingZeroBitCount - 4) : 4096
    return (byteCount + granule - 1) / granule * granule
  }

  /// Takes a block of at least this many bytes, aligned to 64 bytes.
  package func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let size = Self.blockSize(byteCount)
    let address = state.withLock { state -> UInt in
      state.statistics.usedBytes += size
      state.statistics.peakUsedBytes = max(
        state.statistics.peakUsedBytes, state.statistics.usedBytes)
      if size < Self.largeSize {
        if let block = state.freeBlocks[size]?.popLast() { return block }
        return allocateFromSystem(size, &state.statistics)
      }
      if let block = state.arena.take(size) { return block }
      let slab = max(Self.slabSize, size)
      state.arena.add(slab: allocateFromSystem(slab, &state.statistics), slab)
      guard let block = state.arena.take(size) else { preconditionFailure("a slab is too small") }
      return block
    }
    guard let pointer = UnsafeMutableRawPointer(bitPattern: address) else {
      preconditionFailure("a block starts at address 0")
    }
    return pointer
  }

  /// Gives a block back; `byteCount` is what was asked for.
  package func deallocate(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
    let size = Self.blockSize(byteCount)
    let address = UInt(bitPattern: pointer)
    state.withLock {
      $0.statistics.usedBytes -= size
      if size < Self.largeSize {
        $0.freeBlocks[size, default: []].append(address)
      } else {
        $0.arena.give(address, size)
      }
    }
  }

  /// Returns unused blocks, and slabs without blocks in use, to the system.
  package func trim() {
    let blocks = state.withLock { state in
      let blocks = state.freeBlocks
      state.freeBlocks = [:]
      for (size, pointers) in blocks {
        state.statistics.reservedBytes -= size * pointers.count
      }
      let slabBytes = state.arena.byteCount
      let slabs = state.arena.removeUnusedSlabs()
      state.statistics.reservedBytes -= slabBytes - state.arena.byteCount
      return Array(blocks.values.joined()) + slabs
    }
    for block in blocks { free(UnsafeMutableRawPointer(bitPattern: block)) }
  }
}

/// Slabs consist of huge pages, which spares the address translation much work.
private func allocateFromSystem(
  _ byteCount: Int, _ statistics: inout MemoryPool.Statistics
) -> UInt {
  let hugePage = 2 << 20
  var pointer: UnsafeMutableRawPointer?
  let status = posix_memalign(&pointer, byteCount >= hugePage ? hugePage : 64, byteCount)
  guard status == 0, let pointer else {
    fatalError("out of memory: the system refused \(byteCount) bytes")
  }
  if byteCount >= hugePage { madvise(pointer, byteCount, MADV_HUGEPAGE) }
  statistics.systemAllocations += 1
  statistics.reservedBytes += byteCount
  return UInt(bitPattern: pointer)
}

import TensorCore
import Testing

@Suite("Memory pool")
struct MemoryPoolTests {
  private let sizes = [1, 64, 65, 500, 513, 4096, 100_000, 1 << 20, 3 << 20, 100_000]

  @Test func aSecondRoundOfTheSameRequestsAllocatesNothing() {
    let pool = MemoryPool()
    var first = 0
    for round in 0..<3 {
      let blocks = sizes.map { (size: $0, pointer: pool.allocate($0)) }
      if round == 0 { first = pool.statistics.systemAllocations }
      for block in blocks { pool.deallocate(block.pointer, byteCount: block.size) }
    }
    #expect(first > 0 && pool.statistics.systemAllocations == first)
    #expect(pool.statistics.usedBytes == 0)
    pool.trim()
  }

  @Test func blocksInUseAreAlignedAndApart() {
    let pool = MemoryPool()
    let blocks = sizes.map { (size: $0, start: UInt(bitPattern: pool.allocate($0))) }
      .sorted { $0.start < $1.start }
    for (block, next) in zip(blocks, blocks.dropFirst()) {
      #expect(block.start + UInt(block.size) <= next.start)
    }
    for block in blocks {
      #expect(block.start.isMultiple(of: 64))
      pool.deallocate(UnsafeMutableRawPointer(bitPattern: block.start)!, byteCount: block.size)
    }
    pool.trim()
  }

  @Test func countsBytesInUseAndTheirPeak() {
    let pool = MemoryPool()
    let a = pool.allocate(1024)
    let b = pool.allocate(2048)
    pool.deallocate(a, byteCount: 1024)
    #expect(pool.statistics.usedBytes == 2048)
    #expect(pool.statistics.peakUsedBytes == 3072)
    #expect(pool.statistics.reservedBytes == 3072)
    pool.deallocate(b, byteCount: 2048)
    pool.trim()
    #expect(pool.statistics.reservedBytes == 0)
  }

  @Test func aBlockHoldsItsRequestAndWastesLittle() {
    var random = CounterBasedRandom(seed: 1, purpose: .test)
    for _ in 0..<2000 {
      let size = random.integer(in: 1...(1 << random.integer(in: 4...34)))
      let reserved = MemoryPool.blockSize(size)
      #expect(reserved >= size)
      #expect(reserved <= max(size + 63, size + size / 8), "\(size) bytes reserve \(reserved)")
      #expect(MemoryPool.blockSize(reserved) == reserved)
    }
  }

  /// The memory of large blocks serves blocks of other sizes, and never two at a time.
  @Test func largeBlocksShareSlabs() throws {
    let pool = MemoryPool()
    var random = CounterBasedRandom(seed: 2, purpose: .test)
    var blocks: [(start: UInt, size: Int)] = []
    for _ in 0..<3000 {
      if blocks.count > 20 || (random.integer(in: 0...1) == 0 && !blocks.isEmpty) {
        let block = blocks.remove(at: random.integer(in: 0...blocks.count - 1))
        let pointer = try #require(UnsafeMutableRawPointer(bitPattern: block.start))
        pool.deallocate(pointer, byteCount: block.size)
      } else {
        let size = random.integer(in: (1 << 20)...(12 << 20))
        let start = UInt(bitPattern: pool.allocate(size))
        for other in blocks {
          #expect(start + UInt(size) <= other.start || other.start + UInt(other.size) <= start)
        }
        blocks.append((start, size))
      }
    }
    // Twenty blocks have 130 MB on average: one slab, and a second at the most.
    #expect(pool.statistics.systemAllocations <= 2)
    for block in blocks {
      let pointer = try #require(UnsafeMutableRawPointer(bitPattern: block.start))
      pool.deallocate(pointer, byteCount: block.size)
    }
    pool.trim()
    #expect(pool.statistics.reservedBytes == 0 && pool.statistics.usedBytes == 0)
  }

  @Test func trimmedMemoryIsRequestedAgain() {
    let pool = MemoryPool()
    pool.deallocate(pool.allocate(1000), byteCount: 1000)
    pool.trim()
    pool.deallocate(pool.allocate(1000), byteCount: 1000)
    #expect(pool.statistics.systemAllocations == 2)
    pool.trim()
  }
}

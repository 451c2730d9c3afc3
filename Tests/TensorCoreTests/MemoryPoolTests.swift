import TensorCore
import Testing

@Suite("Memory pool")
struct MemoryPoolTests {
  private let sizes = [1, 64, 65, 500, 513, 4096, 100_000, 1 << 20, 3 << 20, 100_000]

  @Test func aSecondRoundOfTheSameRequestsAllocatesNothing() {
    let pool = MemoryPool()
    for round in 0..<3 {
      let blocks = sizes.map { (size: $0, pointer: pool.allocate($0)) }
      if round == 0 { #expect(pool.statistics.systemAllocations == sizes.count) }
      for block in blocks { pool.deallocate(block.pointer, byteCount: block.size) }
    }
    #expect(pool.statistics.systemAllocations == sizes.count)
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
    pool.resetPeak()
    #expect(pool.statistics.peakUsedBytes == 2048)
    pool.deallocate(b, byteCount: 2048)
    pool.trim()
    #expect(pool.statistics.reservedBytes == 0)
  }

  @Test func aSizeClassHoldsItsRequestsAndWastesAtMostAnEighth() {
    var random = CounterBasedRandom(seed: 1, purpose: .test)
    for _ in 0..<2000 {
      let size = random.integer(in: 1...(1 << random.integer(in: 4...34)))
      let reserved = MemoryPool.sizeClass(size)
      #expect(reserved >= size)
      #expect(reserved <= max(size + 63, size + size / 8), "\(size) bytes reserve \(reserved)")
      #expect(MemoryPool.sizeClass(reserved) == reserved)
    }
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

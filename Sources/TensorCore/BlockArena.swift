/// Cuts large pieces of memory into blocks of any size, and joins neighbouring free blocks again.
///
/// A block is taken from the smallest free one that has room, so that the memory of maps that are no
/// longer needed serves those of other sizes.
struct BlockArena {
  private struct Block {
    var start: UInt
    var size: Int
    var end: UInt { start + UInt(size) }
  }

  /// Sorted by their start.
  private var free: [Block] = []
  private var slabs: [Block] = []

  /// Bytes of all slabs.
  var byteCount: Int { slabs.reduce(0) { $0 + $1.size } }

  /// Takes a block of exactly this size; nil where none is free.
  mutating func take(_ size: Int) -> UInt? {
    var best: Int?
    for index in free.indices where free[index].size >= size {
      if best.map({ free[index].size < free[$0].size }) ?? true { best = index }
    }
    guard let best else { return nil }
    let start = free[best].start
    if free[best].size == size {
      free.remove(at: best)
    } else {
      free[best] = Block(start: start + UInt(size), size: free[best].size - size)
    }
    return start
  }

  /// Gives a block back.
  mutating func give(_ start: UInt, _ size: Int) {
    let block = Block(start: start, size: size)
    var index = free.partitioningIndex { $0.start > start }
    free.insert(block, at: index)
    if index > 0, joins(free[index - 1], block) {
      index -= 1
      free[index].size += size
      free.remove(at: index + 1)
    }
    if index + 1 < free.count, joins(free[index], free[index + 1]) {
      free[index].size += free[index + 1].size
      free.remove(at: index + 1)
    }
  }

  /// Adds memory to cut blocks from.
  mutating func add(slab start: UInt, _ size: Int) {
    slabs.append(Block(start: start, size: size))
    give(start, size)
  }

  /// Takes out the slabs that have no block in use, and returns their starts.
  mutating func removeUnusedSlabs() -> [UInt] {
    let whole = Set(free.map { "\($0.start) \($0.size)" })
    let unused = slabs.filter { whole.contains("\($0.start) \($0.size)") }.map(\.start)
    slabs.removeAll { unused.contains($0.start) }
    free.removeAll { unused.contains($0.start) }
    return unused
  }

  /// Whether two free blocks are neighbours in one slab.
  private func joins(_ block: Block, _ next: Block) -> Bool {
    block.end == next.start && !slabs.contains { $0.start == next.start }
  }
}

extension Array {
  /// The first index whose element fulfils a condition, which all later ones fulfil too.
  fileprivate func partitioningIndex(_ condition: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

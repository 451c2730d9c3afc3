import Communication
import Testing

/// The first ranks of a run work alone while the others wait.
@Suite struct LeadingRanksTests {
  @Test(arguments: [(1, 3), (2, 3), (3, 4), (4, 4)])
  func workAsARunOfTheirOwn(count: Int, worldSize: Int) throws {
    let found = try InProcessCommunicator.run(worldSize: worldSize) { all in
      let found = try all.amongFirst(count) { ranks in
        #expect(ranks.worldSize == count && ranks.rank == all.rank)
        let lengths = try ranks.allGather([UInt8](repeating: UInt8(ranks.rank), count: ranks.rank))
          .map(\.count)
        #expect(lengths == Array(0..<count))
        #expect(try ranks.gather([7]).count == (ranks.isRoot ? count : 0))
        try ranks.barrier()
        return try ranks.sumOverRanks([Double(ranks.rank + 1)])
          + [Double(ranks.broadcast([UInt8(ranks.rank)], root: count - 1)[0])]
      }
      try all.barrier()
      return found
    }
    let sum = Double(count * (count + 1) / 2)
    for (rank, numbers) in found.enumerated() {
      #expect(numbers == (rank < count ? [sum, Double(count - 1)] : nil))
    }
  }
}

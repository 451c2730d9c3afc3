import Communication
import Testing

@Suite struct TreeReducerTests {
  /// Sums as the trainer does: replica by replica on each rank, then over the ranks.
  private func reduced(
    _ rows: [[Float]], worldSize: Int, wireFormat: WireFormat, chunkBytes: Int
  ) throws -> [[Float]] {
    try InProcessCommunicator.run(worldSize: worldSize) { communicator in
      let layout = try ReplicaLayout(
        replicas: rows.count, worldSize: worldSize, rank: communicator.rank)
      let count = rows[0].count
      let arena = FloatArena(count: count)
      let accumulator = ReplicaAccumulator(
        count: count, replicas: layout.localCount, wireFormat: wireFormat)
      for (local, replica) in layout.localReplicas.enumerated() {
        _ = arena.values.update(from: rows[replica])
        accumulator.add(0..<count, of: arena.values, replica: local)
      }
      let reducer = TreeReducer(
        communicator: communicator, layout: layout, wireFormat: wireFormat,
        chunkBytes: chunkBytes)
      try reducer.reduce(arena.values)
      return Array(arena.values)
    }
  }

  @Test(arguments: [1, 2, 4, 8, 16], WireFormat.allCases)
  func hasTheBitsOfTheCanonicalTreeAtEveryRankCount(replicas: Int, wireFormat: WireFormat) throws {
    for count in [0, 1, 2, 5, 64, 1003] {
      let rows = (0..<replicas).map { replicaValues($0, count: count, seed: 7) }
      let expected = bits(canonicalSum(rows, wireFormat))
      var worldSize = 1
      while worldSize <= replicas {
        let sums = try reduced(
          rows, worldSize: worldSize, wireFormat: wireFormat, chunkBytes: 1024)
        for (rank, sum) in sums.enumerated() {
          let isCanonical = bits(sum) == expected
          #expect(isCanonical, "rank \(rank) of \(worldSize), \(count) values")
        }
        worldSize *= 2
      }
    }
  }

  @Test func otherOrdersHaveOtherBits() throws {
    let rows = (0..<8).map { replicaValues($0, count: 1000, seed: 7) }
    let expected = bits(canonicalSum(rows))
    #expect(bits(sequentialSum(rows)) != expected)
    let swapped = [0, 2, 1, 3, 4, 5, 6, 7].map { rows[$0] }
    #expect(bits(canonicalSum(swapped)) != expected)
    let library = try InProcessCommunicator.run(worldSize: 8) { communicator in
      let result = FloatArena(count: 1000)
      _ = result.values.update(from: rows[communicator.rank])
      try communicator.librarySum(nil, into: result.values)
      return Array(result.values)
    }
    #expect(bits(library[0]) != expected)
  }

  @Test func oneRankThatFailsEndsTheOthers() {
    #expect(throws: CommunicationError(.setting, "on purpose")) {
      _ = try InProcessCommunicator.run(worldSize: 4) { communicator in
        if communicator.rank == 2 { throw CommunicationError(.setting, "on purpose") }
        try communicator.barrier()
      }
    }
  }

  @Test func notANumberReachesEveryRank() throws {
    let rows: [[Float]] = (0..<4).map { [$0 == 2 ? .nan : 1, 1] }
    for wireFormat in WireFormat.allCases {
      for sum in try reduced(rows, worldSize: 4, wireFormat: wireFormat, chunkBytes: 64) {
        #expect(sum[0].isNaN)
        #expect(wireFormat == .int8 ? sum[1].isNaN : sum[1] == 4)
      }
    }
  }
}

@Suite struct ReplicaLayoutTests {
  @Test func ranksHostConsecutiveReplicas() throws {
    let layouts = try (0..<4).map { try ReplicaLayout(replicas: 8, worldSize: 4, rank: $0) }
    #expect(layouts.flatMap(\.localReplicas) == Array(0..<8))
  }

  @Test(arguments: [(6, 1), (0, 1), (8, 3), (8, 16), (1, 2)])
  func rejectsWhatCannotBeShared(replicas: Int, worldSize: Int) {
    #expect(throws: CommunicationError.self) {
      try ReplicaLayout(replicas: replicas, worldSize: worldSize, rank: 0)
    }
  }
}

@Suite struct TreeSumTests {
  @Test func addsNeighboursFirst() {
    let small = 1e-16
    let rows = [[1], [small], [small], [small]]
    #expect(treeSum(rows) == [(1 + small) + (small + small)])
    #expect(treeSum(rows) != [((1 + small) + small) + small])
    #expect(treeSum([[1, 2], [3, 4], [5, 6]]) == [9, 12])
    #expect(treeSum([]) == [])
  }

  @Test(arguments: [1, 2, 4, 8]) func replicaTableIsTheSameAtEveryRankCount(worldSize: Int) throws {
    let expected = (0..<8).map { [1 / Double($0 + 1), Double($0 * $0)] }
    let tables = try InProcessCommunicator.run(worldSize: worldSize) { communicator in
      let layout = try ReplicaLayout(replicas: 8, worldSize: worldSize, rank: communicator.rank)
      return try communicator.allGather(layout.localReplicas.flatMap { expected[$0] })
        .flatMap { $0 }
    }
    #expect(tables == Array(repeating: expected.flatMap { $0 }, count: worldSize))
  }
}

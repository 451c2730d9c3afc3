import Communication
import Testing

@Suite struct ClockComparisonTests {
  /// Ranks whose clocks are hours apart find out by how much, to half the time of an exchange.
  @Test(arguments: [1, 2, 3, 5]) func findsTheDifference(worldSize: Int) throws {
    let offsets = (0..<worldSize).map { Double($0 * $0) * 5000 - 7 }
    let found = try InProcessCommunicator.run(worldSize: worldSize) { communicator in
      let own = offsets[communicator.rank]
      return try communicator.secondsToRootClock { monotonicSeconds() + own }
    }
    for (rank, seconds) in found.enumerated() {
      #expect(abs(seconds - (offsets[0] - offsets[rank])) < 0.5)
    }
    #expect(found[0] == 0)
  }

  /// The fastest exchange counts: one in which the answer was held up says less.
  @Test func ignoresSlowExchanges() throws {
    let found = try InProcessCommunicator.run(worldSize: 2) { communicator in
      // Rank 0's clock runs for a second between sending and receiving, except in one exchange.
      var calls = 0
      return try communicator.secondsToRootClock(exchanges: 5) {
        calls += 1
        guard communicator.isRoot else { return 100 }
        let exchange = (calls - 1) / 2
        let isEnd = calls.isMultiple(of: 2)
        return Double(exchange * 10) + (isEnd ? (exchange == 3 ? 0.5 : 4) : 0)
      }
    }
    #expect(found[1] == 30.25 - 100)
  }
}

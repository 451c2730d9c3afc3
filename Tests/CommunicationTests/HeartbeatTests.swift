import Communication
import Testing

@Suite struct HeartbeatTests {
  /// Ranks that are observed once a second.
  private struct Simulation {
    var observer: HeartbeatObserver
    var records: [HeartbeatRecord]
    var now = 0.0

    init(worldSize: Int) {
      observer = HeartbeatObserver(worldSize: worldSize, now: 0)
      records = (0..<worldSize).map { rank in
        var record = HeartbeatRecord()
        record.processIdentifier = Int32(100 + rank)
        record.hostName = "node\(rank)"
        return record
      }
    }

    mutating func run(
      seconds: Int, _ change: (_ rank: Int, _ record: inout HeartbeatRecord) -> Void
    ) {
      for _ in 0..<seconds {
        now += 1
        for rank in records.indices { change(rank, &records[rank]) }
        observer.observe(records, now: now)
      }
    }

    var findings: [HeartbeatFinding] { observer.findings(limit: 10, beatTimeout: 5, now: now) }
  }

  private func work(_ rank: Int, _ record: inout HeartbeatRecord) {
    record.beat += 1
    record.progress += 1
    record.step = 7
    record.phase = "reduction"
    record.activity = .waiting
  }

  @Test func aRunThatGoesOnIsLeftAlone() {
    var simulation = Simulation(worldSize: 4)
    simulation.run(seconds: 50, work)
    #expect(simulation.findings.isEmpty)
    // One rank validates for long while the others wait for it.
    simulation.run(seconds: 50) { rank, record in
      record.beat += 1
      if rank == 0 { record.progress += 1 }
    }
    #expect(simulation.findings.isEmpty)
  }

  @Test func namesAStoppedRank() throws {
    var simulation = Simulation(worldSize: 4)
    simulation.run(seconds: 5, work)
    simulation.run(seconds: 9) { rank, record in if rank != 2 { record.beat += 1 } }
    #expect(simulation.findings.isEmpty)
    simulation.run(seconds: 1) { rank, record in if rank != 2 { record.beat += 1 } }
    let finding = try #require(simulation.findings.first)
    #expect(simulation.findings.count == 1)
    #expect(
      finding.description == """
        rank 2 (host node2, pid 102) is stopped: no heartbeat for 10.0 s; \
        step 7, phase reduction
        """)
  }

  @Test func aStopDuringALongWaitIsNoTransportFault() {
    var simulation = Simulation(worldSize: 2)
    simulation.run(seconds: 1, work)
    simulation.run(seconds: 4) { _, record in record.beat += 1 }
    simulation.run(seconds: 6) { rank, record in if rank == 0 { record.beat += 1 } }
    #expect(simulation.findings.map(\.cause) == [.stopped])
    #expect(simulation.findings.map(\.rank) == [1])
  }

  @Test func namesARankThatLagsInItsWork() {
    var simulation = Simulation(worldSize: 3)
    simulation.run(seconds: 5, work)
    simulation.records[1].activity = .working
    simulation.records[1].phase = "data"
    simulation.run(seconds: 10) { _, record in record.beat += 1 }
    #expect(simulation.findings.map(\.cause) == [.lagging])
    #expect(simulation.findings.map(\.rank) == [1])
    #expect(simulation.findings.map(\.phase) == ["data"])
  }

  @Test func namesARankThatIsAStepBehind() {
    var simulation = Simulation(worldSize: 3)
    simulation.run(seconds: 5, work)
    simulation.records[0].step = 6
    simulation.run(seconds: 10) { _, record in record.beat += 1 }
    #expect(simulation.findings.map(\.cause) == [.lagging])
    #expect(simulation.findings.map(\.rank) == [0])
  }

  @Test func allWaitingInOneStepIsTheTransport() {
    var simulation = Simulation(worldSize: 3)
    simulation.run(seconds: 5, work)
    simulation.run(seconds: 10) { _, record in record.beat += 1 }
    #expect(simulation.findings.map(\.cause) == Array(repeating: .transportStuck, count: 3))
  }

  @Test func ranksThatAreDoneAreNotMissed() {
    var simulation = Simulation(worldSize: 2)
    simulation.run(seconds: 5, work)
    for rank in 0..<2 { simulation.records[rank].activity = .finished }
    simulation.run(seconds: 100) { _, _ in }
    #expect(simulation.findings.isEmpty)
  }

  @Test func theLowestLiveRankReports() {
    var simulation = Simulation(worldSize: 3)
    simulation.run(seconds: 20) { rank, record in if rank != 0 { record.beat += 1 } }
    let reporters = (1..<3).filter {
      simulation.observer.isReporter($0, limit: 10, now: simulation.now)
    }
    #expect(reporters == [1])
  }

  @Test func slotsComeBackAsWrittenOrNotAtAll() {
    var record = HeartbeatRecord()
    record.beat = 12
    record.progress = 34
    record.step = 56
    record.activity = .waiting
    record.processIdentifier = 789
    record.hostName = "node-7"
    record.phase = "generator-backward"
    let slot = record.slot
    #expect(slot.count == HeartbeatRecord.slotBytes)
    #expect(HeartbeatRecord(slot: slot[...]) == record)
    record.beat = 13
    let next = record.slot
    for cut in 1..<(slot.lastIndex { $0 != 32 && $0 != 10 } ?? 0) {
      // The start of the next record over the end of this one.
      let torn = Array(next[..<cut] + slot[cut...])
      let read = HeartbeatRecord(slot: torn[...])
      #expect(read == nil || torn == slot, "\(cut) bytes of the next record were taken for it")
    }
    #expect(HeartbeatRecord(slot: [UInt8](repeating: 0, count: 256)[...]) == nil)
    record.hostName = String(repeating: "x y", count: 200)
    #expect(record.slot.count == HeartbeatRecord.slotBytes)
  }
}

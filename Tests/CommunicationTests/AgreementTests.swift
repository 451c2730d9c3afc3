import Communication
import Testing

@Suite struct StateHashTests {
  private static func hash(_ tensors: [(String, [Float])]) -> StateHash {
    var hash = StateHash()
    for (name, values) in tensors { values.withUnsafeBufferPointer { hash.add(name, $0) } }
    return hash
  }

  @Test func totalKnowsNamesAndOrder() {
    let (a, b): ((String, [Float]), (String, [Float])) = (("a", [1]), ("b", [2]))
    #expect(Self.hash([a, b]).total != Self.hash([b, a]).total)
    #expect(Self.hash([a]).total != Self.hash([("c", [1])]).total)
    #expect(Self.hash([("a", [0])]).total != Self.hash([("a", [-0.0])]).total)
  }

  @Test(arguments: [2, 3, 4]) func namesTensorAndRank(worldSize: Int) throws {
    for faulty in [nil, 0, 1] as [Int?] {
      let found = try InProcessCommunicator.run(worldSize: worldSize) { communicator in
        let value: Float = communicator.rank == faulty ? 4.0000005 : 4
        return try Self.hash([("weight", [1, 2, 3]), ("moment", [value, 5]), ("last", [value])])
          .compareAcrossRanks(communicator)
      }
      #expect(Set(found.map { $0?.description }).count == 1)
      #expect(found[0]?.tensor == (faulty == nil ? nil : "moment"))
      // Of two ranks that differ, the one that is not rank 0 is named.
      let named = worldSize == 2 ? 1 : faulty
      #expect(found[0]?.ranks == (faulty == nil ? nil : [named ?? 0]))
    }
  }
}

@Suite struct StartAgreementTests {
  @Test func namesKeyValuesAndRanks() throws {
    let messages = try InProcessCommunicator.run(worldSize: 4) { communicator in
      var agreement = StartAgreement()
      agreement.add("configuration", "d1")
      agreement.add("threads", communicator.rank == 2 ? "4" : "2")
      if communicator.rank < 3 { agreement.add("data index", "") }
      do {
        try agreement.check(communicator)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(Set(messages).count == 1)
    #expect(messages[0].contains("threads is 2 on ranks 0-1, 3, but 4 on rank 2"))
    #expect(messages[0].contains("data index is  on ranks 0-2, but (absent) on rank 3"))
    #expect(!messages[0].contains("configuration is"))
  }

  @Test func equalListsAgree() throws {
    _ = try InProcessCommunicator.run(worldSize: 3) { communicator in
      var agreement = StartAgreement()
      try agreement.check(communicator)
      agreement.add("text", "two\nlines")
      try agreement.check(communicator)
    }
  }
}

@Suite struct LaunchEnvironmentTests {
  @Test func plainStartNeedsNoMPI() throws {
    let environment = LaunchEnvironment(["HOME": "/root"])
    #expect(!environment.hasLauncher)
    let communicator = try makeCommunicator(environment: environment)
    #expect(communicator is SingleProcessCommunicator)
    #expect(communicator.worldSize == 1)
  }

  @Test func explainsRankZeroOfOne() {
    for variables in [
      ["SLURM_NTASKS": "4", "SLURM_PROCID": "2"], ["PMI_SIZE": "4"], ["OMPI_COMM_WORLD_SIZE": "4"],
    ] {
      let environment = LaunchEnvironment(variables)
      #expect(environment.announced?.worldSize == 4)
      let error = #expect(throws: CommunicationError.self) {
        try environment.check(worldSize: 1)
      }
      #expect(error?.code == .launch)
      #expect(error?.description.contains("rank 0 of 1") == true)
      #expect(error?.description.contains("srun --mpi=pmix") == true)
    }
  }

  @Test func theLaunchersOwnSizeCounts() throws {
    let environment = LaunchEnvironment([
      "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1", "SLURM_NTASKS": "16",
      "SLURM_PROCID": "0",
    ])
    #expect(environment.hasLauncher && environment.rank == 1)
    try environment.check(worldSize: 2)
    #expect(throws: CommunicationError.self) { try environment.check(worldSize: 16) }
  }
}

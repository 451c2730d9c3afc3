import Testing

extension CommandTests {
  /// Eight replicas on one to eight ranks: `checkpoint hash` after 12 steps is one and the same.
  @Suite struct EightReplicasTests {
    private static func settings(_ block: String) -> [String] {
      [
        "model.block=\(block)", "training.replicas=8", "training.batch=16",
        "training.bucket_bytes=4096", "validation.every=0", "validation.samples_count=1",
      ].flatMap { ["--set", $0] }
    }

    @Test(arguments: ["paper", "released"])
    func ranksAndMovesBetweenThemLeaveNoTrace(block: String) throws {
      let folder = try TemporaryFolder()
      var hashes: [String: String] = [:]
      for ranks in [1, 2, 4, 8] {
        hashes["\(ranks) ranks"] = try hash(
          folder["ranks-\(ranks)"], Self.settings(block), [(ranks, 12)])
      }
      // Moves cost a start each; stops of runs with the paper's blocks are tested elsewhere.
      if block == "released" {
        hashes["4, then 1, then 8 ranks"] = try hash(
          folder["moved"], Self.settings(block), [(4, 3), (1, 7), (8, 12)])
      }
      #expect(Set(hashes.values).count == 1, "\(hashes)")
    }

    /// The negative control: sums in the order of a ring have other bits.
    @Test func aLibraryRingGivesOtherBits() throws {
      let folder = try TemporaryFolder()
      let settings = Self.settings("paper")
      let canonical = try hash(folder["canonical"], settings, [(4, 2)])
      let ring = try hash(
        folder["ring"], settings + ["--set", "training.reduction=fast"], [(4, 2)],
        environment: ["OMPI_MCA_coll_libnbc_iallreduce_algorithm": "1"])
      #expect(canonical != ring)
    }

    /// Trains in stretches, each on so many ranks up to so many steps, and hashes the end.
    private func hash(
      _ run: String, _ settings: [String], _ stretches: [(ranks: Int, stopAfter: Int)],
      environment: [String: String] = [:]
    ) throws -> String {
      for (ranks, stopAfter) in stretches {
        let outcome = try SmallRun.train(
          run, settings + ["--stop-after", "\(stopAfter)"], launcher: .ranks(ranks),
          environment: environment)
        #expect(outcome.status == 0, outcome.report)
      }
      let step = String(stretches.last?.stopAfter ?? 0)
      let padded = String(repeating: "0", count: 8 - step.count) + step
      let outcome = try Program.run(["checkpoint", "hash", "\(run)/checkpoints/step-\(padded)"])
      #expect(outcome.status == 0, outcome.report)
      return outcome.output
    }
  }
}

import Foundation
import Testing

extension CommandTests {
  /// Replicas decide the arithmetic, not ranks.
  @Suite struct RankIndependenceTests {
    @Test(arguments: [1, 2, 4])
    func anyNumberOfRanksGivesTheSameBits(ranks: Int) throws {
      let folder = try TemporaryFolder()
      let outcome = try SmallRun.train(folder["run"], launcher: .ranks(ranks))
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("\(ranks) ranks, 4 replicas"), outcome.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    @Test func releasedBlocksGiveTheSameBits() throws {
      let folder = try TemporaryFolder()
      let released = ["--set", "model.block=released"]
      for (name, launcher) in [("alone", Launcher.alone), ("ranks", .ranks(2))] {
        let outcome = try SmallRun.train(folder[name], released, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      try expectSameEnd(folder["ranks"], as: folder["alone"])
    }

    /// The records of six steps with a setting, the same on 1, 2 and 4 ranks.
    private func record(with setting: String) throws -> RunRecord {
      let folder = try TemporaryFolder()
      let records = try [1, 2, 4].map { ranks in
        let outcome = try SmallRun.train(
          folder["\(ranks)"], ["--set", setting, "--stop-after", "6"], launcher: .ranks(ranks))
        #expect(outcome.status == 0, outcome.report)
        return try RunRecord(folder["\(ranks)"])
      }
      for record in records.dropFirst() { #expect(record == records[0]) }
      return records[0]
    }

    /// Gradients that travel in fewer bits are rounded on one rank, too.
    @Test(arguments: ["bf16", "int8"]) func shortMessagesGiveTheSameBits(format: String) throws {
      let record = try record(with: "training.wire_format=\(format)")
      let reference = try RunRecord(SmallRun.referenceRun)
      // Norms are those of the rounded gradients.
      let losses = [record, reference].map { $0.metrics[0] }
        .map { $0.components(separatedBy: "\"generator_gradient_norm\"")[0] }
      #expect(losses[0] == losses[1], "losses before the first update")
      #expect(record.metrics[1] != reference.metrics[1])
    }

    @Test func bfloat16FeatureMapsGiveTheSameBits() throws {
      let record = try record(with: "training.precision=bf16")
      let reference = try RunRecord(SmallRun.referenceRun)
      #expect(record.metrics[0] != reference.metrics[0], "float32 has other bits")
    }

    /// Feature maps that are computed again are the same.
    @Test func recomputationGivesTheSameBits() throws {
      let folder = try TemporaryFolder()
      let outcome = try SmallRun.train(folder["run"], ["--set", "training.recompute=true"])
      #expect(outcome.status == 0, outcome.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    /// The negative control: the comparison sees other numbers.
    @Test func anotherSeedGivesOtherBits() throws {
      let folder = try TemporaryFolder()
      let arguments = ["--set", "seed=2", "--stop-after", "2"]
      let outcome = try SmallRun.train(folder["run"], arguments)
      #expect(outcome.status == 0, outcome.report)
      let (record, reference) = (
        try RunRecord(folder["run"]), try RunRecord(SmallRun.referenceRun)
      )
      #expect(record.hash != reference.hash)
      #expect(record.metrics.count == 2)
      #expect(record.metrics[0] != reference.metrics[0])
    }
  }
}

import Checkpoints
import Testing

extension CommandTests {
  /// Training steps under mpirun that a program of this package looks into, or disturbs.
  @Suite struct WatchedTrainingTests {
    @Test func aFlippedBitStopsTheRunWithItsLastGoodCheckpointIntact() throws {
      let folder = try TemporaryFolder()
      let outcome = try Program(
        [
          "flip-bit", SmallRun.configuration, folder["run"], "training.agreement_every=2",
          "checkpoint.every=4",
        ], launcher: .ranks(4), name: "TrainingSelfTest"
      ).wait()
      #expect(outcome.status == 70, outcome.report)
      #expect(outcome.messages.count == 1, outcome.report)
      let tensor = try #require(
        outcome.output.firstMatch(of: /flipped a bit of (.+) after step 5/), outcome.report
      ).1
      for fragment in ["step 6:", "generator.\(tensor) differs on rank 3 ", "intact"] {
        #expect(outcome.messages.first?.contains(fragment) == true, outcome.report)
      }
      let checkpoints = try CheckpointDirectory.all(in: folder["run/checkpoints"])
      #expect(checkpoints.map(\.step) == [4])
      #expect(try checkpoints[0].verify().isEmpty)
      let end = try SmallRun.train(folder["run"], launcher: .ranks(2))
      #expect(end.status == 0, end.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    /// One bucket alone cannot leave before the last gradient: the negative control.
    @Test(arguments: [(bucketBytes: 4096, isOneBucket: false), (1 << 30, true)])
    func bucketsLeaveWhileBackwardGoesOn(bucketBytes: Int, isOneBucket: Bool) throws {
      let folder = try TemporaryFolder()
      let outcome = try Program(
        [
          "overlap", SmallRun.configuration, folder["run"], "training.steps=3",
          "training.bucket_bytes=\(bucketBytes)",
        ], launcher: .ranks(2), name: "TrainingSelfTest"
      ).wait()
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("reduction by polling"), outcome.report)
      let reports = outcome.output.matches(
        of: /rank \d, step \d, (generator|discriminator): (\d+) of (\d+) buckets left during/)
      #expect(reports.count == 2 * 3 * 2, outcome.report)
      for report in reports {
        let (early, all) = (try #require(Int(report.2)), try #require(Int(report.3)))
        #expect(early == all - 1 && (all == 1) == isOneBucket, outcome.report)
      }
    }
  }
}

import Checkpoints
import Foundation
import Testing

extension CommandTests {
  /// A run that is interrupted and started again ends as one that was not.
  @Suite struct ResumeTests {
    @Test func stopsInBetweenChangeNothing() throws {
      let folder = try TemporaryFolder()
      let chain: [(launcher: Launcher, stopAfter: Int)] = [
        (.ranks(2), 5), (.alone, 13), (.ranks(4), SmallRun.steps),
      ]
      for (launcher, stopAfter) in chain {
        let outcome = try SmallRun.train(
          folder["run"], ["--stop-after", "\(stopAfter)"], launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
        #expect(try RunRecord(folder["run"]).metrics.count == stopAfter)
      }
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    @Test func anotherNumberOfThreadsIsRefusedUnlessOtherBitsAreAccepted() throws {
      let folder = try TemporaryFolder()
      #expect(try SmallRun.train(folder["run"], ["--stop-after", "2"]).status == 0)
      let twoThreads = ["--stop-after", "4", "--set", "training.threads=2"]
      let before = folder.contents
      try SmallRun.train(folder["run"], twoThreads)
        .expectRefusal(64, mentions: ["1 threads", "--accept-other-bits"])
      #expect(folder.contents == before)
      let accepted = try SmallRun.train(folder["run"], twoThreads + ["--accept-other-bits"])
      #expect(accepted.status == 0, accepted.report)
    }

    @Test func aKillAtAnyMomentChangesNothing() throws {
      let folder = try TemporaryFolder()
      let metrics = folder["run/metrics.jsonl"]
      let saves = ["--set", "checkpoint.every=1"]
      var delays: [UInt32] = []
      for launcher in [Launcher.ranks(2), .ranks(4), .alone] {
        let before = FileManager.default.contents(atPath: metrics)
        let program = try SmallRun.start(folder["run"], saves, launcher: launcher)
        program.wait { FileManager.default.contents(atPath: metrics) != before }
        delays.append(UInt32.random(in: 0...150_000))
        usleep(delays[delays.count - 1])
        program.kill()
        _ = try program.wait()
      }
      let outcome = try SmallRun.train(folder["run"], saves, launcher: .ranks(2))
      #expect(outcome.status == 0, "killed after \(delays) microseconds\n\(outcome.errors)")
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGUSR1])
    func aSignalStopsAfterSaving(signal: Int32) throws {
      try stop(.alone) { $0.send(signal) }
    }

    @Test func aSignalToTheLauncherStopsAllRanks() throws {
      try stop(.ranks(2)) { $0.send(SIGUSR1) }
    }

    @Test func aSignalToOneRankStopsAllRanks() throws {
      try stop(.ranks(2)) { $0.sendToOneRank(SIGTERM) }
    }

    private func stop(_ launcher: Launcher, by signal: (Program) -> Void) throws {
      let folder = try TemporaryFolder()
      let metrics = folder["run/metrics.jsonl"]
      let program = try SmallRun.start(folder["run"], launcher: launcher)
      program.wait { FileManager.default.contents(atPath: metrics)?.isEmpty == false }
      signal(program)
      let outcome = try program.wait()
      #expect(outcome.status == 75, outcome.report)
      let newest = try #require(try CheckpointDirectory.all(in: folder["run/checkpoints"]).first)
      #expect(try newest.verify().isEmpty)
      #expect(newest.step == (try RunRecord(folder["run"]).metrics.count))
      let end = try SmallRun.train(folder["run"])
      #expect(end.status == 0, end.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    /// mpirun ends its ranks a second or two after SIGTERM, with a code of its own.
    @Test func mpirunMayEndTheRanksInBetween() throws {
      let folder = try TemporaryFolder()
      let metrics = folder["run/metrics.jsonl"]
      let program = try SmallRun.start(folder["run"], launcher: .ranks(2))
      program.wait { FileManager.default.contents(atPath: metrics)?.isEmpty == false }
      program.send(SIGTERM)
      let outcome = try program.wait()
      #expect(outcome.status != SIGKILL, outcome.report)
      let end = try SmallRun.train(folder["run"])
      #expect(end.status == 0, end.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    /// Going back to an earlier checkpoint gives the same end once more.
    @Test func goesOnFromAnEarlierCheckpoint() throws {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.referenceRun, to: "run")
      let checkpoint = folder["run/checkpoints/step-00000014"]
      let stopped = try SmallRun.train(
        folder["run"], ["--resume", checkpoint, "--stop-after", "15"])
      #expect(stopped.status == 0, stopped.report)
      #expect(stopped.output.contains("starting at step 15"), stopped.report)
      #expect(try RunRecord(folder["run"]).metrics.count == 15)
      let outcome = try SmallRun.train(folder["run"])
      #expect(outcome.output.contains("starting at step 16"), outcome.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    /// Checkpoints that come after a copy elsewhere are put aside as those after one of its own.
    @Test func goesOnFromACopyOfAnEarlierCheckpoint() throws {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.referenceRun, to: "run")
      try folder.copy(folder["run/checkpoints/step-00000014"], to: "step-00000014")
      let stopped = try SmallRun.train(
        folder["run"], ["--resume", folder["step-00000014"], "--stop-after", "15"])
      #expect(stopped.output.contains("set aside"), stopped.report)
      let outcome = try SmallRun.train(folder["run"])
      #expect(outcome.output.contains("starting at step 16"), outcome.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    @Test func aRunThatIsDoneStaysAsItIs() throws {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.referenceRun, to: "run")
      let before = folder.contents
      let outcome = try SmallRun.train(folder["run"])
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("nothing to do"), outcome.report)
      #expect(folder.contents == before)
    }
  }
}

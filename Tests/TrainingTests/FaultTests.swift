import Checkpoints
import Foundation
import Testing

extension CommandTests {
  /// What becomes of a run when something goes wrong around it: it ends soon, says why, and goes on
  /// later as if nothing had been.
  @Suite struct FaultTests {
    private static let quickWatchdog = [
      "--set", "training.watchdog_warn_seconds=1", "--set", "training.watchdog_abort_seconds=2",
    ]

    @Test(arguments: [(2, SIGKILL), (4, SIGSEGV)])
    func aDeadRankEndsTheRun(ranks: Int, signal: Int32) throws {
      let folder = try TemporaryFolder()
      let program = try begin(folder["run"], ["--set", "checkpoint.every=1"], .ranks(ranks))
      program.send(signal, toRank: ranks - 1)
      let outcome = try program.wait(limitSeconds: 15)
      #expect(outcome.status == 128 + signal, outcome.report)
      #expect(outcome.errors.contains("process rank \(ranks - 1) "), outcome.report)
      #expect(outcome.errors.contains("signal \(signal)"), outcome.report)
      try goesOn(folder["run"], .ranks(6 - ranks))
    }

    @Test func theRanksEndWithTheirLauncher() throws {
      let folder = try TemporaryFolder()
      let program = try begin(folder["run"], ["--set", "checkpoint.every=1"], .ranks(2))
      let processes = (0..<2).compactMap { program.process(ofRank: $0) }
      #expect(processes.count == 2)
      program.send(SIGKILL)
      #expect(try program.wait(limitSeconds: 15).status == SIGKILL)
      Program.waitForEnd(of: processes, limitSeconds: 15)
      // The lock of a dead process keeps nobody out.
      #expect(folder.contains("run/lock"))
      try goesOn(folder["run"], .ranks(4))
    }

    @Test(arguments: [(2, 0), (4, 3)])
    func aStoppedRankIsNamed(ranks: Int, stopped: Int) throws {
      let folder = try TemporaryFolder()
      let program = try begin(folder["run"], Self.quickWatchdog, .ranks(ranks))
      let process = try #require(program.process(ofRank: stopped))
      kill(process, SIGSTOP)
      let outcome = try program.wait(limitSeconds: 20)
      #expect(outcome.status == 80, outcome.report)
      let reports = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("watchdog: ") }
      #expect(reports.count == 2, outcome.report)
      for (report, ending) in zip(reports, ["; waiting", "; ending the run with exit code 80"]) {
        #expect(report.hasPrefix("watchdog: rank \(stopped) (host "), outcome.report)
        #expect(report.contains(", pid \(process)) is stopped: no heartbeat for "), outcome.report)
        #expect(report.contains(#/s; step [0-9]+, phase [a-z-]+;/#), outcome.report)
        #expect(report.hasSuffix(ending), outcome.report)
      }
      try goesOn(folder["run"], .ranks(ranks))
      #expect(!folder.contains("run/heartbeat"))
    }

    /// Reading a picture never ends, as on a file server that has gone.
    @Test func ranksThatWaitForPicturesLag() throws {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.faces, to: "faces")
      let own = ["--set", "data.root=\(folder["faces"])"]
      let program = try begin(folder["run"], Self.quickWatchdog + own, .ranks(2))
      for name in try folder.names(in: "faces/img_align_celeba") {
        mkfifo(folder["pipe"], 0o600)
        rename(folder["pipe"], folder["faces/img_align_celeba/\(name)"])
      }
      let outcome = try program.wait(limitSeconds: 20)
      #expect(outcome.status == 80, outcome.report)
      #expect(
        outcome.errors.contains(
          /watchdog: rank [01] \(host .*\) is lagging: .*; step [0-9]+, phase data; ending/),
        outcome.report)
      try goesOn(folder["run"], .alone)
    }

    @Test func aSlowRankIsNamed() throws {
      let folder = try TemporaryFolder()
      let program = try begin(
        folder["run"],
        ["--set", "training.steps=50", "--set", "checkpoint.every=1000"], .ranks(2))
      let process = try #require(program.process(ofRank: 1))
      program.wait {
        // Three quarters of its time are taken from it.
        kill(process, SIGSTOP)
        usleep(30_000)
        kill(process, SIGCONT)
        usleep(10_000)
        return false
      }
      let outcome = try program.wait(limitSeconds: 60)
      #expect(outcome.status == 0, outcome.report)
      #expect(
        outcome.errors.contains(
          /warning: rank 1 on .* is slow: its own work takes [0-9.]+ ms a step.* wait [0-9.]+ ms/),
        outcome.report)
    }

    /// Rank 1 cannot answer, so that the first signal cannot end the step.
    @Test func aSecondSignalEndsAtOnceAndLeavesValidCheckpoints() throws {
      let folder = try TemporaryFolder()
      let program = try begin(folder["run"], ["--set", "checkpoint.every=1"], .ranks(2))
      let process = try #require(program.process(ofRank: 1))
      kill(process, SIGSTOP)
      program.send(SIGTERM, toRank: 0)
      usleep(150_000)
      program.send(SIGTERM, toRank: 0)
      let outcome = try program.wait(limitSeconds: 15)
      #expect(outcome.status == 128 + SIGTERM, outcome.report)
      for checkpoint in try CheckpointDirectory.all(in: folder["run/checkpoints"]) {
        #expect(try checkpoint.verify().isEmpty)
      }
      try goesOn(folder["run"], .ranks(2))
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGUSR1])
    func aSignalToOneOfFourRanksStopsAll(signal: Int32) throws {
      let folder = try TemporaryFolder()
      let program = try begin(folder["run"], [], .ranks(4))
      program.send(signal, toRank: 2)
      let outcome = try program.wait(limitSeconds: 15)
      #expect(outcome.status == 75, outcome.report)
      let newest = try #require(try CheckpointDirectory.all(in: folder["run/checkpoints"]).first)
      #expect(newest.step == (try RunRecord(folder["run"]).metrics.count))
      try goesOn(folder["run"], .ranks(2))
    }

    /// No file may grow beyond a size that the metrics stay below and checkpoints do not.
    @Test func aFullDiskStopsNoTraining() throws {
      let folder = try TemporaryFolder()
      let first = try SmallRun.train(folder["run"], ["--stop-after", "3"])
      #expect(first.status == 0, first.report)
      let full = try SmallRun.train(
        folder["run"], ["--set", "checkpoint.every=7"],
        launcher: .smallFiles(kibibytes: 64, ranks: 2))
      // Training went on to its end; only there the lost state makes it a failure.
      #expect(full.status == 70, full.report)
      #expect(try RunRecord(folder["run"]).metrics.count == SmallRun.steps)
      for step in [7, 14, 21] {
        #expect(full.errors.contains("the checkpoint of step \(step) failed"), full.report)
      }
      #expect(full.errors.contains("0 saved and 3 failed so far"), full.report)
      let left = try CheckpointDirectory.all(in: folder["run/checkpoints"])
      #expect(left.map(\.step) == [3])
      try goesOn(folder["run"], .ranks(2))
    }

    @Test func aSecondTrainingIsKeptOut() throws {
      let folder = try TemporaryFolder()
      let first = try begin(folder["run"], [], .ranks(2))
      let processes = (0..<2).compactMap { first.process(ofRank: $0) }
      // Asleep, so that it cannot be done before the other one has started.
      for process in processes { kill(process, SIGSTOP) }
      let second = try SmallRun.start(
        folder["run"], environment: ["INPAINT_LOCK_SECONDS": "0"]
      ).wait(limitSeconds: 15)
      for process in processes { kill(process, SIGCONT) }
      second.expectRefusal(
        64, mentions: [folder["run"], "another training", "pid \(processes[0])"])
      let outcome = try first.wait()
      #expect(outcome.status == 0, outcome.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
      #expect(!folder.contains("run/lock") && !folder.contains("run/heartbeat"))
    }

    private func begin(
      _ run: String, _ arguments: [String], _ launcher: Launcher
    ) throws -> Program {
      try SmallRun.begin(run, arguments, launcher: launcher)
    }

    private func goesOn(_ run: String, _ launcher: Launcher) throws {
      let outcome = try SmallRun.train(run, launcher: launcher)
      #expect(outcome.status == 0, outcome.report)
      try expectSameEnd(run, as: SmallRun.referenceRun)
    }
  }
}

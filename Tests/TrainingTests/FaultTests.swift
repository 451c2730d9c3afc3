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
      // Swift's printer of backtraces survives a SIGSEGV that comes from outside.
      let program = try SmallRun.begin(
        folder["run"], ["--set", "checkpoint.every=1"], launcher: .ranks(ranks),
        environment: ["SWIFT_BACKTRACE": "enable=no"])
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
      // Held, so that the run cannot reach its end before they notice.
      for process in processes { kill(process, SIGSTOP) }
      program.send(SIGKILL)
      #expect(try program.wait(limitSeconds: 15).status == SIGKILL)
      for process in processes { kill(process, SIGCONT) }
      Program.waitForEnd(of: processes, limitSeconds: 15)
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
      // On a busy machine a rank may have been silent for a second before.
      let reports = outcome.errors.split(separator: "\n")
        .filter { $0.hasPrefix("watchdog: rank \(stopped) (host ") }
      for ending in ["; waiting", "; ending the run with exit code 80"] {
        let report = try #require(reports.last { $0.hasSuffix(ending) }, outcome.report)
        #expect(report.contains(", pid \(process)) is stopped: no heartbeat for "), outcome.report)
        #expect(report.contains(#/s; step [0-9]+, phase [a-z-]+;/#), outcome.report)
      }
      try goesOn(folder["run"], .ranks(ranks))
      #expect(!folder.contains("run/heartbeat"))
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
      #expect(newest.step == (try RunRecord.metrics(of: folder["run"]).count))
      try goesOn(folder["run"], .ranks(2))
    }

    /// From step 4 on rank 0 cannot make files beyond a size that checkpoints have and metrics have not.
    @Test func aFullDiskStopsNoTraining() throws {
      let folder = try TemporaryFolder()
      let first = try SmallRun.train(folder["run"], ["--stop-after", "3"])
      #expect(first.status == 0, first.report)
      let program = try SmallRun.start(
        folder["run"], launcher: .ranks(2), environment: ["INPAINT_SAVE_SECONDS": "0"])
      let metrics = FileManager.default.contents(atPath: folder["run/metrics.jsonl"])
      program.wait {
        FileManager.default.contents(atPath: folder["run/metrics.jsonl"]) != metrics
      }
      let process = try #require(program.process(ofRank: 0))
      kill(process, SIGSTOP)
      let limit = Process()
      limit.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      limit.arguments = ["prlimit", "--pid", "\(process)", "--fsize=65536"]
      try limit.run()
      limit.waitUntilExit()
      kill(process, SIGCONT)
      let outcome = try program.wait()
      // Training went on to its end; only there the lost state makes it a failure.
      #expect(outcome.status == 70, outcome.report)
      #expect(try RunRecord.metrics(of: folder["run"]).count == SmallRun.steps)
      // A save that is due while another is being written is left out.
      #expect(
        outcome.errors.contains(/warning: the checkpoint of step (7|14|21) failed, the next one/),
        outcome.report)
      #expect(outcome.errors.contains("0 saved and 1 failed so far"), outcome.report)
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

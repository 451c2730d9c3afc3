import Checkpoints
import Foundation
import Testing

extension CommandTests {
  /// The scripts that start and supervise ranks.
  @Suite struct LaunchTests {
    @Test func aDeadRankIsReplaced() throws {
      let folder = try TemporaryFolder()
      let program = try SmallRun.begin(
        folder["run"], launcher: .script("local", ["-n", "2", "--restarts", "2"]))
      program.send(SIGKILL, toRank: 1)
      let outcome = try program.wait()
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.errors.contains("ended by SIGKILL (137)"), outcome.report)
      #expect(outcome.errors.contains("starting again (1 of 2)"), outcome.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    /// Saves fail, so every start fails: the third one goes back a checkpoint, then it is enough.
    @Test func goesBackOneCheckpointAfterTwoFailuresAndGivesUp() throws {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.referenceRun, to: "run")
      try FileManager.default.removeItem(atPath: folder["run/checkpoints/step-00000024"])
      let outcome = try SmallRun.train(
        folder["run"],
        launcher: .script("local", ["-n", "2", "--restarts", "2"], fileKibibytes: 64))
      #expect(outcome.status == 70, outcome.report)
      #expect(
        outcome.errors.contains(
          "two starts from step-00000021 have failed: going back to step-00000014"),
        outcome.report)
      #expect(outcome.errors.contains("giving up after 2 restart(s)"), outcome.report)
      for start in ["1 from step-00000021", "2 from step-00000021", "3 from step-00000014"] {
        #expect(outcome.errors.contains("  start \(start): internal failure (70)"), outcome.report)
      }
      let left = try CheckpointDirectory.all(in: folder["run/checkpoints"])
      #expect(left.map(\.step) == [14])
      #expect(folder.contains("run/checkpoints/step-00000021.superseded"))
      let end = try SmallRun.train(folder["run"])
      #expect(end.status == 0, end.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    @Test func whatWouldOnlyComeAgainIsNotTriedAgain() throws {
      let folder = try TemporaryFolder()
      for (arguments, status) in [(["--resume", folder["none"]], 65), (["--set", "seed=x"], 64)] {
        let outcome = try SmallRun.train(
          folder["run"], arguments, launcher: .script("local", ["-n", "2", "--restarts", "2"]))
        #expect(outcome.status == Int32(status), outcome.report)
        #expect(!outcome.errors.contains("starting again"), outcome.report)
      }
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGUSR1])
    func aSignalToTheScriptStopsAllRanks(signal: Int32) throws {
      let folder = try TemporaryFolder()
      let restarts = signal == SIGTERM ? ["--restarts", "2"] : []
      let program = try SmallRun.begin(
        folder["run"], launcher: .script("local", ["-n", "2"] + restarts))
      program.send(signal)
      let outcome = try program.wait()
      #expect(outcome.status == 75, outcome.report)
      #expect(!outcome.errors.contains("starting again"), outcome.report)
      let newest = try #require(try CheckpointDirectory.all(in: folder["run/checkpoints"]).first)
      #expect(newest.step == (try RunRecord(folder["run"]).metrics.count))
    }

    /// Two hosts, of which one is gone after the first start; mpirun is played by a script.
    @Test(arguments: [([], "2"), (["-n", "2"], "2"), (["-n", "1"], "1")])
    func aHostThatIsGoneIsLeftOut(options: [String], ranks: String) throws {
      let folder = try TemporaryFolder()
      try folder.write("near slots=3\nfar slots=1  # will go\n", to: "hosts")
      let scripts = [
        "agent": "[ $1 = near ]",
        "mpirun": """
        echo "$@" >>\(folder["starts"])
        while [ "$1" != --hostfile ]; do shift; done
        sed 's/^/names /' "$2" >>\(folder["starts"])
        [ "$(grep -c hostfile \(folder["starts"]))" = 2 ] || exit 137
        """,
      ]
      for (name, text) in scripts {
        try folder.write("#!/bin/sh\n\(text)\n", to: name)
        chmod(folder[name], 0o700)
      }
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      let outcome = try SmallRun.start(
        folder["run"],
        launcher: .script(
          "cluster", ["--hostfile", folder["hosts"], "--restarts", "1"] + options),
        environment: ["OMPI_MCA_plm_rsh_agent": folder["agent"], "PATH": "\(folder.path):\(path)"]
      ).wait()
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.errors.contains("cluster: far does not answer"), outcome.report)
      let starts = try folder.text("starts").split(separator: "\n")
      #expect(starts.filter { $0 == "names near slots=3" }.count == 2, "\(starts)")
      #expect(starts.filter { $0.hasPrefix("names far") }.count == 1, "\(starts)")
      let last = try #require(starts.last { $0.contains("--hostfile") })
      #expect(last.contains(" -n \(ranks) "), "\(starts)")
    }
  }
}

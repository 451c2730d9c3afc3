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

    /// Every start fails; mpirun is played by a script.
    @Test func goesBackOneCheckpointAfterTwoFailuresAndGivesUp() throws {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.referenceRun, to: "run")
      try folder.flipBit(of: "run/checkpoints/step-00000021/optimizer.safetensors", atByte: 70_000)
      let outcome = try folder.train(
        mpirun: "echo \"$@\" >>\(folder["starts"]); exit 137",
        .script("local", ["-n", "2", "--restarts", "3"])
      ).wait()
      #expect(outcome.status == 137, outcome.report)
      // The one before the newest is damaged.
      #expect(
        outcome.errors.contains(
          "two starts from step-00000024 have failed: going back to step-00000014"),
        outcome.report)
      #expect(outcome.errors.contains("giving up after 3 restart(s)"), outcome.report)
      for start in [
        "1 from step-00000024", "2 from step-00000024", "3 from step-00000014",
      ] {
        #expect(
          outcome.errors.contains("  start \(start): a rank was ended by SIGKILL (137) after "),
          outcome.report)
      }
      let starts = try folder.text("starts").split(separator: "\n")
      #expect(starts.count == 4, "\(starts)")
      #expect(!starts[0].contains("--resume") && starts[1].hasSuffix(" --resume auto"))
      #expect(starts[2].hasSuffix(" --resume \(folder["run/checkpoints/step-00000014"])"))
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
      #expect(newest.step == (try RunRecord.metrics(of: folder["run"]).count))
    }

    /// Rank 1 cannot answer, so that the first signal cannot end the step.
    @Test(arguments: [SIGTERM, SIGUSR1])
    func aSecondSignalToTheScriptEndsAtOnce(signal: Int32) throws {
      let folder = try TemporaryFolder()
      let program = try SmallRun.begin(
        folder["run"], ["--set", "checkpoint.every=1"], launcher: .script("local", ["-n", "2"]))
      let ranks = try [0, 1].map { try #require(program.process(ofRank: $0)) }
      kill(ranks[1], SIGSTOP)
      program.send(signal)
      program.wait { program.errorsSoFar.contains("a second signal ends at once") }
      program.send(signal)
      let outcome = try program.wait(limitSeconds: 5)
      #expect(outcome.status == 128 + SIGTERM, outcome.report)
      // mpirun ends the rank that could not hear of it.
      Program.waitForEnd(of: ranks, limitSeconds: 15)
      for checkpoint in try CheckpointDirectory.all(in: folder["run/checkpoints"]) {
        #expect(try checkpoint.verify().isEmpty)
      }
    }

    /// Two hosts, of which one is gone after the first start; mpirun is played by a script.
    @Test(arguments: [([], "2"), (["-n", "2"], "2"), (["-n", "1"], "1")])
    func aHostThatIsGoneIsLeftOut(options: [String], ranks: String) throws {
      let folder = try TemporaryFolder()
      try folder.write("near slots=3\nfar slots=1  # will go\n", to: "hosts")
      try folder.writeScript("[ $1 = near ]", to: "agent")
      let outcome = try folder.train(
        mpirun: """
          echo "$@" >>\(folder["starts"])
          while [ "$1" != --hostfile ]; do shift; done
          sed 's/^/names /' "$2" >>\(folder["starts"])
          [ "$(grep -c hostfile \(folder["starts"]))" = 2 ] || exit 137
          """,
        .script("cluster", ["--hostfile", folder["hosts"], "--restarts", "1"] + options),
        environment: ["OMPI_MCA_plm_rsh_agent": folder["agent"]]
      ).wait()
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.errors.contains("cluster: far does not answer"), outcome.report)
      let starts = try folder.text("starts").split(separator: "\n")
      #expect(starts.filter { $0 == "names near slots=3" }.count == 2, "\(starts)")
      #expect(starts.filter { $0.hasPrefix("names far") }.count == 1, "\(starts)")
      let last = try #require(starts.last { $0.contains("--hostfile") })
      #expect(last.contains(" -n \(ranks) "), "\(starts)")
    }

    /// As Open MPI 5 does where Slurm ends its daemons; a rank that still saves is played by a script that holds the lock.
    @Test func aRunWhoseRanksAreLeftIsNotDone() throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.train(
        mpirun: """
          mkdir -p \(folder["run"])
          flock --no-fork \(folder["run/lock"]) sleep 20 >/dev/null 2>&1 &
          echo $! >\(folder["holder"])
          while flock --nonblock \(folder["run/lock"]) true; do sleep 0.1; done
          """,
        .script("local", ["-n", "2"])
      ).wait()
      if let holder = Int32(
        try folder.text("holder").trimmingCharacters(in: .whitespacesAndNewlines))
      {
        kill(holder, SIGTERM)
      }
      #expect(outcome.status == 69, outcome.report)
      #expect(outcome.errors.contains("mpirun ended before the ranks did"), outcome.report)
    }
  }
}

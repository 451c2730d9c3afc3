import Foundation
import Testing

extension CommandTests {
  /// What the launchers do around mpirun, which is played by a script.
  @Suite struct LauncherTests {
    /// Prints more than mpirun would survive, then saves when it is asked to.
    private static func saving(_ folder: TemporaryFolder) -> String {
      """
      trap 'mkdir -p \(folder["run"])/checkpoints/step-00000005; exit 75' USR1
      touch \(folder["started"])
      for i in $(seq 2000); do echo "line $i"; echo "error $i" >&2; sleep 0.02; done
      """
    }

    /// A reader that has gone, a full disk and closed streams decide nothing.
    @Test(arguments: [
      ("> >(head -n 1 >/dev/null) 2>&1", SIGINT), (">/dev/full 2>&1", SIGTERM),
      ("<&- >&- 2>&-", SIGHUP),
    ])
    func messagesThatNobodyReadsEndNothing(redirection: String, signal: Int32) throws {
      let folder = try TemporaryFolder()
      let program = try folder.train(
        mpirun: Self.saving(folder),
        .shell("exec \"$PACKAGE/launch/local\" -n 1 --restarts 2 \"${@:3}\" \(redirection)"))
      program.wait { folder.contains("started") }
      usleep(300_000)
      program.send(signal)
      let outcome = try program.wait(limitSeconds: 15)
      #expect(outcome.status == 75, outcome.report)
      #expect(folder.contains("run/checkpoints/step-00000005"))
    }

    @Test func theRanksAreAskedToStopWhereTheLauncherIsKilled() throws {
      let folder = try TemporaryFolder()
      let program = try folder.train(
        mpirun: Self.saving(folder), .script("local", ["-n", "1"]))
      program.wait { folder.contains("started") }
      program.send(SIGKILL)
      _ = try program.wait(limitSeconds: 5)
      let end = Date.now + 10
      while !folder.contains("run/checkpoints/step-00000005"), Date.now < end { usleep(20_000) }
      #expect(folder.contains("run/checkpoints/step-00000005"))
    }

    @Test func whatIsSavedIsTold() throws {
      let folder = try TemporaryFolder()
      let program = try folder.train(
        mpirun: Self.saving(folder), .script("local", ["-n", "1"]))
      program.wait { folder.contains("started") }
      program.send(SIGTSTP)
      program.wait { program.errorsSoFar.contains("cannot be suspended and goes on") }
      program.send(SIGTERM)
      let saved = try program.wait(limitSeconds: 15)
      #expect(saved.status == 75, saved.report)
      #expect(saved.errors.contains("stopped, saved step-00000005;"), saved.report)

      // 138: the request came before a rank could listen.
      let early = try stopped(folder, mpirun: "exit 138")
      #expect(early.status == 75, early.report)
      #expect(
        early.errors.contains("nothing new was saved; the same command goes on from step-00000005"),
        early.report)
      try FileManager.default.removeItem(atPath: folder["run"])
      let nothing = try stopped(folder, mpirun: "exit 138")
      #expect(nothing.errors.contains("starts from the beginning"), nothing.report)
    }

    /// Open MPI's own codes become one, and a state that was saved on the way counts.
    @Test(arguments: [1, 205, 213, 255])
    func failuresOfMpirunHaveOneCode(code: Int) throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.train(mpirun: "exit \(code)", .script("local", ["-n", "1"])).wait()
      #expect(outcome.status == 69, outcome.report)
      #expect(
        outcome.errors.contains("mpirun itself failed, with exit code \(code)"), outcome.report)
      let saved = try stopped(
        folder, mpirun: "mkdir -p \(folder["run"])/checkpoints/step-00000009; exit \(code)")
      #expect(saved.status == 75, saved.report)
    }

    /// Neither rank nor heartbeat: mpirun waits for a host that it cannot reach.
    @Test(arguments: [
      (["1", "0", ""], 69, "started no rank within 1 s"),
      (["0", "1", "beat"], 80, "no sign of life"),
    ])
    func anMpirunThatDoesNotReturnIsEnded(limits: [String], code: Int32, message: String) throws {
      let folder = try TemporaryFolder()
      try folder.writeScript(
        "touch \(folder["beat"]); \(code == 80 ? "trap '' TERM; " : "")while :; do sleep 1; done",
        to: "mpirun")
      let limits = limits.map { $0 == "beat" ? folder["beat"] : "'\($0)'" }.joined(separator: " ")
      let outcome = try Program(
        [], launcher: .shell("exec \"$PACKAGE/launch/minder\" \(limits) \(folder["mpirun"])")
      ).wait(limitSeconds: 20)
      #expect(outcome.status == code, outcome.report)
      #expect(outcome.errors.contains(message.replacing("no sign", with: "a sign")), outcome.report)
    }

    /// Boxes about exit codes that the program has explained are left out, others stay.
    @Test func theBoxesOfAStopAreLeftOut() throws {
      let folder = try TemporaryFolder()
      let edge = String(repeating: "-", count: 74)
      func box(_ code: Int) -> String {
        """
        \(edge)
        Primary job  terminated normally, but 1 process returned
        a non-zero exit code. Per user-direction, the job has been aborted.
        \(edge)
        \(edge)
        mpirun detected that one or more processes exited with non-zero status, thus causing

          Process name: [[7702,1],0]
          Exit code:    \(code)
        \(edge)
        """
      }
      for (code, isShown) in [(75, false), (64, false), (70, true)] {
        try folder.write("warning: before\n\(box(code))\nafter, without an end", to: "text")
        let outcome = try Program(
          [],
          launcher: .shell(
            "exec \"$PACKAGE/launch/minder\" 0 0 '' sh -c 'cat \(folder["text"]) >&2; exit \(code)'"
          )
        ).wait(limitSeconds: 10)
        #expect(outcome.status == Int32(code), outcome.report)
        #expect(outcome.errors.hasPrefix("warning: before\n"), outcome.report)
        #expect(outcome.errors.hasSuffix("after, without an end"), outcome.report)
        #expect(outcome.errors.contains("Exit code:") == isShown, outcome.report)
        #expect(!outcome.errors.contains("Primary job"), outcome.report)
      }
    }

    /// Ranks hear of the limit on starting, and a number with a zero before it is one.
    @Test func theLimitOnStartingReachesTheRanks() throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.train(
        mpirun: "env | grep START_SECONDS; echo \"$@\"",
        .script("local", ["-n", "1", "--start-timeout", "08"])
      ).wait()
      #expect(outcome.output.contains("INPAINT_START_SECONDS=8\n"), outcome.report)
      #expect(outcome.output.contains("-x INPAINT_START_SECONDS"), outcome.report)
      let wrong = try folder.train(
        mpirun: "exit 0", .script("local", ["-n", "1"]),
        environment: ["INPAINT_START_SECONDS": "2m"]
      ).wait()
      #expect(wrong.status == 64 && wrong.errors.contains("not '2m'"), wrong.report)
    }

    /// The file that the ranks of an earlier start wrote last is no sign of life, even from the future.
    @Test func aHeartbeatOfAnEarlierStartDoesNotCount() throws {
      let folder = try TemporaryFolder()
      try folder.write("beat", to: "beat")
      let outcome = try Program(
        [],
        launcher: .shell(
          """
          touch -d '+60 seconds' \(folder["beat"])
          exec "$PACKAGE/launch/minder" 0 1 \(folder["beat"]) sleep 3
          """)
      ).wait(limitSeconds: 15)
      #expect(outcome.status == 0, outcome.report)
    }

    /// Checkpoints may lie on another disk, behind a link.
    @Test func checkpointsBehindALinkAreSeen() throws {
      let folder = try TemporaryFolder()
      for name in ["run", "scratch/step-00000007"] {
        try FileManager.default.createDirectory(
          atPath: folder[name], withIntermediateDirectories: true)
      }
      try FileManager.default.createSymbolicLink(
        atPath: folder["run/checkpoints"], withDestinationPath: folder["scratch"])
      let outcome = try stopped(folder, mpirun: "exit 138")
      #expect(outcome.errors.contains("goes on from step-00000007"), outcome.report)
    }

    /// A run that has its folder already is not one that mpirun has left.
    @Test func aPlanBesideARunIsDone() throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder["run"], withIntermediateDirectories: true)
      let outcome = try folder.train(
        mpirun: "exit 0",
        .shell(
          "exec flock \(folder["run/lock"]) \"$PACKAGE/launch/local\" -n 1 \"${@:3}\" --dry-run")
      ).wait()
      #expect(outcome.status == 0, outcome.report)
    }

    /// A file server that has just come back may refuse once.
    @Test func checkpointsAreLookedForAgain() throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder["run/checkpoints/step-00000007"], withIntermediateDirectories: true)
      try folder.writeScript(
        """
        if [ -e \(folder["refused"]) ]; then exec /usr/bin/find "$@"; fi
        touch \(folder["refused"]); echo 'find: Stale file handle' >&2; exit 1
        """, to: "find")
      let outcome = try stopped(folder, mpirun: "exit 138")
      #expect(outcome.status == 75, outcome.report)
      #expect(outcome.errors.contains("goes on from step-00000007"), outcome.report)
    }

    private func stopped(_ folder: TemporaryFolder, mpirun: String) throws -> Outcome {
      let ended = "trap '\(mpirun)' USR1; touch \(folder["again"]); while :; do sleep 0.05; done"
      try? FileManager.default.removeItem(atPath: folder["again"])
      let program = try folder.train(mpirun: ended, .script("local", ["-n", "1"]))
      program.wait { folder.contains("again") }
      program.send(SIGTERM)
      return try program.wait(limitSeconds: 15)
    }
  }
}

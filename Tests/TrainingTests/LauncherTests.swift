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
      let program = try start(
        folder, mpirun: Self.saving(folder),
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
      let program = try start(
        folder, mpirun: Self.saving(folder), .script("local", ["-n", "1"]))
      program.wait { folder.contains("started") }
      program.send(SIGKILL)
      _ = try program.wait(limitSeconds: 5)
      let end = Date.now + 10
      while !folder.contains("run/checkpoints/step-00000005"), Date.now < end { usleep(20_000) }
      #expect(folder.contains("run/checkpoints/step-00000005"))
    }

    @Test func whatIsSavedIsTold() throws {
      let folder = try TemporaryFolder()
      let program = try start(
        folder, mpirun: Self.saving(folder), .script("local", ["-n", "1"]))
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
      let outcome = try start(folder, mpirun: "exit \(code)", .script("local", ["-n", "1"])).wait()
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

    /// Within a job of Slurm `launch/local` stays on this machine, with the job's number of processors.
    @Test func anAllocationIsNotObeyed() throws {
      let folder = try TemporaryFolder()
      let outcome = try start(
        folder, mpirun: "env | grep SLURM; echo \"$@ processors $INPAINT_PROCESSORS\"",
        .script("local", ["-n", "1"]),
        environment: [
          "SLURM_JOB_ID": "7", "SLURM_NTASKS": "1", "SLURM_JOB_NODELIST": "n[1-2]",
          "SLURM_CPUS_ON_NODE": "3",
        ]
      ).wait()
      #expect(outcome.status == 0, outcome.report)
      #expect(!outcome.output.contains("SLURM"), outcome.report)
      #expect(outcome.output.contains("processors 3"), outcome.report)
    }

    /// Files of other editors, and lines without slots.
    @Test func hostfilesAreReadAsMpirunReadsThem() throws {
      let folder = try TemporaryFolder()
      try folder.write(
        "\u{FEFF}a slots = 4\r\n# no host\r\n  b  # twice\nb\nlocalhost\nc max_slots=3 slots=2\n",
        to: "hosts")
      let outcome = try Program(
        [],
        launcher: .shell(
          """
          set -euo pipefail; . "$PACKAGE/launch/lib.sh"; . "$PACKAGE/launch/hostfile.sh"
          host_lines \(folder["hosts"]); processors_of() { echo 8; }; room_in \(folder["hosts"])
          """)
      ).wait()
      #expect(outcome.status == 0, outcome.report)
      #expect(
        outcome.output == "a slots=4\nb\nb\nlocalhost\nc max_slots=3 slots=2\n16\n", outcome.report)
    }

    /// The scripts find the quota that the program finds; see ProcessorQuotaTests.
    @Test(arguments: [
      ("0::/job\n", "- cgroup2 cgroup2 rw", ["job/cpu.max": "250000 100000", "cpu.max": ""], "2"),
      ("0::/job\n", "- cgroup2 cgroup2 rw", ["cpu.max": "50000 100000"], "1"),
      (
        "3:cpuacct,cpu:/job/a\n", "- cgroup cgroup rw,cpu,cpuacct",
        ["job/cpu.cfs_quota_us": "300000", "job/cpu.cfs_period_us": "100000"], "3"
      ),
      ("0::/job\n", "- cgroup2 cgroup2 rw", ["cpu.max": "max 100000"], "1000000"),
    ])
    func quotasCount(cgroup: String, mount: String, files: [String: String], expected: String)
      throws
    {
      let folder = try TemporaryFolder()
      let texts = files.reduce(
        into: [
          "proc/self/cgroup": cgroup, "proc/self/mountinfo": "30 2 0:26 / /groups rw \(mount)\n",
        ]
      ) { $0["groups/\($1.key)"] = $1.value }
      for (name, text) in texts {
        let parent = URL(fileURLWithPath: folder[name]).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try folder.write(text, to: name)
      }
      let outcome = try Program(
        [],
        launcher: .shell(
          """
          set -euo pipefail; unset SLURM_JOB_CPUS_PER_NODE INPAINT_PROCESSORS
          . "$PACKAGE/launch/lib.sh"; system_root=\(folder.path); processor_quota
          SLURM_JOB_CPUS_PER_NODE='8(x3),1' processor_quota
          """)
      ).wait()
      #expect(outcome.output == "\(expected)\n1\n", outcome.report)
    }

    /// Ranks have whole cores of one memory node, where systems number the cores' second threads last.
    @Test func neighboursAreSharedOutTogether() throws {
      let folder = try TemporaryFolder()
      for processor in 0..<8 {
        let place = "sys/devices/system/cpu/cpu\(processor)"
        let core = processor % 4
        for part in ["topology", "node\(core % 2)"] {
          try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: folder["\(place)/\(part)"]),
            withIntermediateDirectories: true)
        }
        try folder.write(
          "\(core),\(core + 4)\n", to: "\(place)/topology/thread_siblings_list")
      }
      let outcome = try Program(
        [],
        launcher: .shell(
          """
          set -euo pipefail; . "$PACKAGE/launch/lib.sh"; system_root=\(folder.path)
          allowed_processors() { seq 0 7; }; processor_quota() { echo 8; }
          place_of 0 2; place_of 1 2; place_of 3 4
          system_root=\(folder["nothing"]); place_of 1 4
          """)
      ).wait()
      #expect(
        outcome.output == "4 0,4,2,6\n4 1,5,3,7\n2 3,7\n2 2,3\n", outcome.report)
    }

    /// Ranks hear of the limit on starting, and a number with a zero before it is one.
    @Test func theLimitOnStartingReachesTheRanks() throws {
      let folder = try TemporaryFolder()
      let outcome = try start(
        folder, mpirun: "env | grep START_SECONDS; echo \"$@\"",
        .script("local", ["-n", "1", "--start-timeout", "08"])
      ).wait()
      #expect(outcome.output.contains("INPAINT_START_SECONDS=8\n"), outcome.report)
      #expect(outcome.output.contains("-x INPAINT_START_SECONDS"), outcome.report)
      let wrong = try start(
        folder, mpirun: "exit 0", .script("local", ["-n", "1"]),
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
      let outcome = try start(
        folder, mpirun: "exit 0",
        .shell(
          "exec flock \(folder["run/lock"]) \"$PACKAGE/launch/local\" -n 1 \"${@:3}\" --dry-run")
      ).wait()
      #expect(outcome.status == 0, outcome.report)
    }

    /// Names and addresses of this machine need no ssh; a hostfile may be a pipe.
    @Test func thisMachineIsKnown() throws {
      let folder = try TemporaryFolder()
      let outcome = try start(
        folder, mpirun: "while [ \"$1\" != --hostfile ]; do shift; done; cat \"$2\"",
        .shell(
          """
          . "$PACKAGE/launch/lib.sh"; . "$PACKAGE/launch/hostfile.sh"
          for host in localhost 127.0.1.1 ::1 "$(hostname)" elsewhere.example; do
            is_here "$host" && echo here || echo away
          done
          ln -s "$PACKAGE/launch/cluster" \(folder["linked"])
          CDPATH=/ \(folder["linked"]) --hostfile <(echo '127.0.0.1 slots=1') "${@:3}"
          """)
      ).wait()
      #expect(outcome.status == 0, outcome.report)
      #expect(
        outcome.output == String(repeating: "here\n", count: 4) + "away\n127.0.0.1 slots=1\n",
        outcome.report)
    }

    /// Where no machine answers for a while, a restart is lost, not the run, nor a checkpoint that nobody has tried.
    @Test func aNetworkThatComesBackIsWaitedFor() throws {
      let folder = try TemporaryFolder()
      for name in ["step-00000005", "step-00000010"] {
        try FileManager.default.createDirectory(
          atPath: folder["run/checkpoints/\(name)"], withIntermediateDirectories: true)
      }
      try folder.write("far slots=1\n", to: "hosts")
      // Unreachable the first time that it is asked.
      try folder.writeScript(
        "[ -e \(folder["asked"]) ] || { touch \(folder["asked"]); exit 255; }", to: "agent")
      let outcome = try start(
        folder,
        mpirun:
          "echo \"$@\" | tee -a \(folder["starts"]); [ \"$(wc -l <\(folder["starts"]))\" = 2 ] || exit 137",
        .script("cluster", ["--hostfile", folder["hosts"], "--restarts", "3"]),
        environment: [
          "OMPI_MCA_plm_rsh_agent": folder["agent"], "INPAINT_RESTART_PAUSE": "0",
        ]
      ).wait()
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.errors.contains("no machine of"), outcome.report)
      #expect(!outcome.errors.contains("going back"), outcome.report)
      #expect(outcome.output.hasSuffix(" --resume auto\n"), outcome.report)
    }

    /// Slurm is played by scripts: a job that never saves anything is queued again twice, one that has saved goes on
    /// from there.
    @Test func aJobThatSavesNothingIsNotQueuedForEver() throws {
      let folder = try TemporaryFolder()
      try folder.writeScript("echo \"$@\" >>\(folder["asked"])", to: "scontrol")
      try folder.writeScript("echo 5:00", to: "squeue")
      func submit(
        _ restarts: Int, mpirun: String, _ options: [String] = [], job: String = "1"
      ) throws -> Outcome {
        try start(
          folder, mpirun: mpirun,
          .shell(
            "cd \"$PACKAGE\"; SLURM_SUBMIT_DIR=$PACKAGE exec launch/slurm.sbatch \"${@:3}\" \(options.joined(separator: " "))"
          ),
          environment: [
            "SLURM_JOB_ID": job, "SLURM_NTASKS": "1",
            "SLURM_RESTART_COUNT": "\(restarts)",
          ]
        ).wait()
      }
      for restarts in 0..<3 {
        let outcome = try submit(restarts, mpirun: "exit 213")
        #expect(outcome.status == 69, outcome.report)
        #expect(outcome.errors.contains("not queued again") == (restarts == 2), outcome.report)
      }
      let requeued = try folder.text("asked").split(separator: "\n").filter {
        $0.hasPrefix("requeue")
      }
      #expect(requeued.count == 2)
      // A new job counts anew, and what was there before it is not what it has saved.
      try FileManager.default.createDirectory(
        atPath: folder["run/checkpoints/step-00000003"], withIntermediateDirectories: true)
      for (restarts, command, ending) in [
        (0, "exit 213", ""),
        (1, "mkdir \(folder["run/checkpoints/step-00000004"]); exit 213", ""),
        (2, "exit 0", " --resume auto"),
      ] {
        let outcome = try submit(
          restarts, mpirun: "echo \"$@\"; \(command)", ["--resume", "never"], job: "2")
        #expect(!outcome.errors.contains("not queued again"), outcome.report)
        #expect(outcome.output.hasSuffix("--resume never\(ending)\n"), outcome.report)
      }
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
      let program = try start(folder, mpirun: ended, .script("local", ["-n", "1"]))
      program.wait { folder.contains("again") }
      program.send(SIGTERM)
      return try program.wait(limitSeconds: 15)
    }

    private func start(
      _ folder: TemporaryFolder, mpirun: String, _ launcher: Launcher,
      environment: [String: String] = [:]
    ) throws -> Program {
      try folder.writeScript(mpirun, to: "mpirun")
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      return try SmallRun.start(
        folder["run"], launcher: launcher,
        environment: environment.merging(["PATH": "\(folder.path):\(path)"]) { $1 })
    }
  }
}

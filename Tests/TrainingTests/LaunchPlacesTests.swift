import Foundation
import Testing

extension CommandTests {
  /// Where the launchers start ranks: machines, slots and processors.
  @Suite struct LaunchPlacesTests {
    /// Within a job of Slurm `launch/local` stays on this machine, with the job's number of processors.
    @Test func anAllocationIsNotObeyed() throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.train(
        mpirun: "env | grep SLURM; echo \"$@ processors $INPAINT_PROCESSORS\"",
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

    /// Names and addresses of this machine need no ssh; a hostfile may be a pipe.
    @Test func thisMachineIsKnown() throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.train(
        mpirun: "while [ \"$1\" != --hostfile ]; do shift; done; cat \"$2\"",
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
      let outcome = try folder.train(
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
  }
}

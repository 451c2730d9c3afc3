import Foundation
import Testing

extension CommandTests {
  /// `launch/slurm.sbatch`; `launch/test-slurm` runs it under a real Slurm.
  @Suite struct SlurmScriptTests {
    /// Slurm is played by scripts: a job that never saves anything is queued again twice, one that has saved goes on
    /// from there.
    @Test func aJobThatSavesNothingIsNotQueuedForEver() throws {
      let folder = try TemporaryFolder()
      try folder.writeScript("echo \"$@\" >>\(folder["asked"])", to: "scontrol")
      try folder.writeScript("echo 5:00", to: "squeue")
      func submit(
        _ restarts: Int, mpirun: String, _ options: [String] = [], job: String = "1"
      ) throws -> Outcome {
        try folder.train(
          mpirun: mpirun,
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
  }
}

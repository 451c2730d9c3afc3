import Foundation
import Testing

extension CommandTests {
  /// DMFN with `model.attention`: an option of ours.
  @Suite struct AttentionRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func train(
      _ run: String, stopAfter: Int = 3, precision: String = "fp32", launcher: Launcher = .alone
    ) throws -> Outcome {
      try SmallRun.train(
        folder[run],
        [
          "--set", "model.attention=true", "--set", "training.ema=0.5", "--stop-after",
          "\(stopAfter)", "--set", "training.precision=\(precision)",
        ],
        launcher: launcher)
    }

    /// On any number of ranks, and after an interruption.
    @Test(arguments: ["fp32", "bf16"])
    func bitsAreTheSame(precision: String) throws {
      for (run, ranks) in [("1", 1), ("2", 2)] {
        let outcome = try train(run, precision: precision, launcher: .ranks(ranks))
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try train("parts", stopAfter: 2, precision: precision).status == 0)
      #expect(try train("parts", precision: precision).status == 0)
      let record = try RunRecord(folder["1"])
      #expect(try RunRecord(folder["2"]) == record)
      #expect(try RunRecord(folder["parts"]) == record)
      #expect(record.metrics[0] != (try RunRecord(SmallRun.referenceRun)).metrics[0])
    }

    /// A checkpoint's generator, which has no parameter of the attention, is recognised as such.
    @Test func checkpointsSayThatTheyAttend() throws {
      #expect(try train("run", stopAfter: 1).status == 0)
      let face = try "\(SmallRun.faces)/img_align_celeba/000060.jpg"
      for file in ["generator", "generator-ema"] {
        let outcome = try Program.run([
          "fill", "--weights", folder["run/checkpoints/step-00000001/\(file).safetensors"],
          "--image", face, "--mask", "center", "--output", folder["\(file).png"], "--attention",
          folder["\(file).map.png"],
        ])
        #expect(outcome.status == 0, outcome.report)
      }
      let plain = try "\(SmallRun.referenceRun)/checkpoints/step-00000024/generator.safetensors"
      try Program.run([
        "fill", "--weights", plain, "--image", face, "--mask", "center", "--output",
        folder["plain.png"], "--attention", folder["map.png"],
      ]).expectRefusal(64, mentions: ["no attention"])
    }

    @Test func aRunDoesNotGoOnWithoutIt() throws {
      #expect(try train("run", stopAfter: 1).status == 0)
      try SmallRun.train(folder["run"], ["--stop-after", "2"])
        .expectRefusal(64, mentions: ["model.attention"])
    }
  }
}

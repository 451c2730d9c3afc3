import Checkpoints
import Foundation
import Images
import Testing
import Training

extension CommandTests {
  /// Several fillings of one hole: training with noise, `fill --variants` and `evaluate --variants`.
  @Suite struct VariantsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func train(
      _ run: String, _ settings: [String] = [], stopAfter: Int? = nil, launcher: Launcher = .alone
    ) throws -> Outcome {
      let noise = [
        "model.noise=6", "training.steps=6", "checkpoint.every=3", "validation.every=3",
        "optimizer.learning_rate=0.01",
      ]
      return try SmallRun.train(
        folder[run],
        (noise + settings).flatMap { ["--set", $0] }
          + (stopAfter.map { ["--stop-after", "\($0)"] } ?? []), launcher: launcher)
    }

    private func fill(_ weights: String, _ arguments: [String], to output: String) throws
      -> Outcome
    {
      try Program.run(
        [
          "fill", "--weights", weights, "--image", "\(Self.fixtures)/images/photo0.64.png",
          "--mask", "center", "--output", folder[output],
        ] + arguments)
    }

    private func values(_ line: String) throws -> [String: Double] {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(object).compactMapValues { $0 as? Double }
    }

    @Test func sameBitsOnRanksAndAfterStops() throws {
      for (run, launcher) in [("1", Launcher.alone), ("4", .ranks(4))] {
        let outcome = try train(run, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      let record = try RunRecord(folder["1"])
      #expect(try RunRecord(folder["4"]) == record)
      for (stop, launcher) in [(3, Launcher.ranks(2)), (6, .alone)] {
        let outcome = try train("chain", stopAfter: stop, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try RunRecord(folder["chain"]) == record)
      let distances = try record.metrics.map { try #require(values($0)["diversity"]) }
      #expect(distances[0] == 0 && distances[5] > 0, "heads start at 0: \(distances)")
      // The weight counts, and its schedule.
      for setting in ["loss.diversity=0", "loss.diversity_steps=2"] {
        #expect(try train(setting, [setting]).status == 0)
        #expect(try RunRecord(folder[setting]).hash != record.hash)
      }
      // Statistics over the whole batch.
      let global = ["training.batch_statistics=global"]
      for (run, launcher) in [("global 1", Launcher.alone), ("global 2", .ranks(2))] {
        let outcome = try train(run, global, stopAfter: 2, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try hashCheckpoint(folder["global 1"]) == hashCheckpoint(folder["global 2"]))

      try fills(with: folder["1/checkpoints/step-00000006/generator.safetensors"])
    }

    private func fills(with weights: String) throws {
      let outcome = try fill(weights, ["--variants", "3", "--seed", "5"], to: "a.png")
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("a-1.png to a-3.png (64x64"), outcome.report)
      #expect(
        try folder.names(in: ".").filter { $0.hasPrefix("a") }.sorted() == [
          "a-1.png", "a-2.png", "a-3.png",
        ])
      let fillings = try (1...3).map { try Image(contentsOf: folder["a-\($0).png"]).pixels }
      #expect(Set(fillings).count == 3)
      // Filling k is the same however many are made; another seed makes others.
      #expect(try fill(weights, ["--variants", "1", "--seed", "5"], to: "b.png").status == 0)
      #expect(try folder.bytes("b-1.png") == folder.bytes("a-1.png"))
      #expect(try fill(weights, ["--variants", "1", "--seed", "6"], to: "c.png").status == 0)
      #expect(try folder.bytes("c-1.png") != folder.bytes("a-1.png"))
      let row = try fill(weights, ["--variants", "3", "--compare"], to: "row.png")
      #expect(row.status == 0 && row.output.contains("row.png (\(5 * 64 + 4 * 2)x64"), row.report)
      #expect(try Image(contentsOf: folder["row.png"]).width == 5 * 64 + 4 * 2)
      try fill(weights, ["--variants", "1", "--seed", "5"], to: "b.png")
        .expectRefusal(64, mentions: ["b-1.png", "--overwrite"])
      // Without --variants it is the filling of zeros.
      #expect(try fill(weights, [], to: "mean.png").status == 0)

      let arguments = [
        "evaluate", "--data", try SmallRun.faces, "--split", "all", "--count", "5", "--side", "64",
        "--crop", "0", "--json", "--weights", weights, "--variants", "3",
      ]
      let scores = try [Launcher.alone, .ranks(2)].map { launcher in
        let outcome = try Program(arguments, launcher: launcher).wait()
        try #require(outcome.status == 0, outcome.report)
        return outcome.output
      }
      #expect(scores[0] == scores[1])
      let object = try JSONSerialization.jsonObject(with: Data(scores[0].utf8)) as? [String: Any]
      let result = try #require((object?["results"] as? [[String: Any]])?.first)
      let (distance, best, mean) = (
        try #require(result["variants_l1"] as? Double), try #require(result["best_l1"] as? Double),
        try #require(result["mean_l1"] as? Double)
      )
      #expect(distance > 0 && best > 0 && best <= mean)
    }

    /// Weights without noise start a run with noise, and fill as before.
    @Test func publishedWeightsStartARunWithNoise() throws {
      let plain = try SmallRun.train(
        folder["plain"], ["--stop-after", "2"] + ["--set", "checkpoint.every=2"])
      #expect(plain.status == 0, plain.report)
      let weights = folder["plain/checkpoints/step-00000002/generator.safetensors"]
      let outcome = try train(
        "noisy", ["model.initial_weights=\(weights)", "optimizer.learning_rate=1e-12"],
        stopAfter: 1)
      #expect(outcome.status == 0, outcome.report)
      let noisy = folder["noisy/checkpoints/step-00000001/generator.safetensors"]
      #expect(try fill(weights, [], to: "plain.png").status == 0)
      #expect(try fill(noisy, ["--variants", "1"], to: "noisy.png").status == 0)
      #expect(try folder.bytes("noisy-1.png") == folder.bytes("plain.png"))

      try fill(weights, ["--variants", "2"], to: "a.png")
        .expectRefusal(64, mentions: ["--variants", weights, "model.noise"])
      try Program.run([
        "evaluate", "--data", try SmallRun.faces, "--weights", weights, "--variants", "2",
      ]).expectRefusal(64, mentions: ["--variants", "model.noise"])
    }

    private static let fixtures = (0..<2)
      .reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
      .appendingPathComponent("Fixtures").path
  }
}

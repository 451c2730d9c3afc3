import Checkpoints
import Foundation
import Testing
import Training

extension CommandTests {
  /// Schedules, clipping, freezing, accumulation and ends of a run: what the trainer promises holds with each.
  @Suite struct SchedulesAndCareTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func train(
      _ run: String, _ settings: [String], _ arguments: [String] = [],
      launcher: Launcher = .alone
    ) throws -> Outcome {
      try SmallRun.train(
        folder[run], settings.flatMap { ["--set", $0] } + arguments, launcher: launcher)
    }

    private func numbers(_ run: String) throws -> [[String: Double]] {
      try folder.text("\(run)/metrics.jsonl").split(separator: "\n").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return try #require(object).compactMapValues { ($0 as? NSNumber)?.doubleValue }
      }
    }

    private static let care = [
      "training.steps=6", "optimizer.schedule=cosine", "optimizer.final_share=0.1",
      "optimizer.warmup=2", "optimizer.clip_norm=0.5", "optimizer.frozen=[generator.encoder.*]",
      "optimizer.discriminator.separate=true", "optimizer.discriminator.schedule=linear",
      "optimizer.discriminator.clip_norm=100", "training.batch=4", "training.replicas=2",
      "training.accumulate=2", "validation.first=true", "validation.every=3",
    ]

    /// On any number of ranks, and over a stop.
    @Test func bitsAreTheSame() throws {
      for (run, launcher) in [("1", Launcher.alone), ("2", .ranks(2)), ("4", .ranks(4))] {
        let outcome = try train(run, Self.care, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try train("parts", Self.care, ["--stop-after", "4"]).status == 0)
      #expect(try train("parts", Self.care).status == 0)
      let record = try RunRecord(folder["1"])
      for run in ["2", "4", "parts"] { #expect(try RunRecord(folder[run]) == record, "\(run)") }

      // Of one run: between them only what is frozen stays, and biases in front of a normalisation, which
      // takes them out again.
      let (before, after) = (
        try Safetensors.read(folder["parts/checkpoints/step-00000004/generator.safetensors"]),
        try Safetensors.read(folder["parts/checkpoints/step-00000006/generator.safetensors"])
      )
      for name in before.names where name.hasSuffix(".weight") {
        let isSame = try before.floats(name) == after.floats(name)
        #expect(isSame == name.hasPrefix("encoder."), "\(name)")
      }
      let steps = try numbers("1")
      #expect(steps.map { $0["step"] } == [0, 1, 2, 3, 4, 5, 6])
      #expect(steps[0]["validation_psnr"] != nil && steps[3]["validation_psnr"] != nil)
      #expect(steps[1]["images"] == 8)
      #expect(steps.dropFirst().allSatisfy { $0["generator_clipped"] == 1 })
      #expect(steps.dropFirst().allSatisfy { $0["discriminator_clipped"] == 0 })
      #expect(steps[1]["generator_learning_rate"] == 1e-4)
      let rates = steps.dropFirst(2).compactMap { $0["generator_learning_rate"] }
      #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })

      // The number of steps decides the rates of all of them.
      let longer = Self.care.map { $0 == "training.steps=6" ? "training.steps=8" : $0 }
      try train("1", longer).expectRefusal(64, mentions: ["training.steps: 8 here, 6 there"])
    }

    /// Accumulation is a larger batch in as many more parts.
    @Test func accumulationIsALargerBatch() throws {
      let (whole, parts) = (
        ["training.batch=8", "training.replicas=4"],
        ["training.batch=2", "training.replicas=1", "training.accumulate=4"]
      )
      for (run, settings) in [("whole", whole), ("parts", parts)] {
        let outcome = try train(run, settings + ["training.steps=2"])
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try RunRecord(folder["parts"]) == RunRecord(folder["whole"]))
      try train("odd", ["training.accumulate=3"])
        .expectRefusal(64, mentions: ["training.accumulate", "power of two"])
    }

    /// A run whose score does not become better ends, at the same step whether or not it was interrupted.
    @Test func aRunEndsEarly() throws {
      // The least change is no improvement by a score that cannot move.
      let settings = [
        "validation.every=2", "validation.patience=2", "checkpoint.best_metric=psnr",
        "optimizer.learning_rate=1e-30",
      ]
      let outcome = try train("run", settings, launcher: .ranks(2))
      #expect(outcome.status == 0, outcome.report)
      #expect(
        outcome.output.contains("2 validations in a row without a better psnr"), outcome.report)
      #expect(try numbers("run").count == 6)
      #expect(try train("parts", settings, ["--stop-after", "5"]).status == 0)
      #expect(try train("parts", settings).status == 0)
      #expect(try RunRecord(folder["parts"]) == RunRecord(folder["run"]))
      let again = try train("run", settings)
      #expect(again.status == 0 && again.output.contains("nothing to do: 6 steps"), again.report)
      let on = try train("run", settings + ["validation.patience=3"])
      #expect(on.status == 0, on.report)
      #expect(try numbers("run").count == 8)
    }

    /// What a run that its time limit has stopped goes on to is what it would have been.
    @Test func aRunStopsInTime() throws {
      // Over before the first step is: one step is made all the same.
      let outcome = try train("run", [], ["--max-time", "0.001s"], launcher: .ranks(2))
      #expect(outcome.status == 75, outcome.report)
      #expect(outcome.output.contains("--max-time 0.001s is over"), outcome.report)
      #expect(try numbers("run").count == 1)
      #expect(try train("run", []).status == 0)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
      try train("other", [], ["--max-time", "soon"])
        .expectRefusal(64, mentions: ["--max-time soon", "2h30m"])
    }

    @Test func namesThatFreezeNothingAreRefused() throws {
      try train("run", ["optimizer.frozen=[generator.encoder.0.conv.weigth]"])
        .expectRefusal(64, mentions: ["optimizer.frozen", "generator.encoder.0.conv.weight"])
      try train("run", ["optimizer.frozen=[\"*\"]"])
        .expectRefusal(64, mentions: ["optimizer.frozen", "nothing of the generator"])
    }

    /// The same pictures with other holes have scores of their own, the same on any number of ranks.
    @Test func otherHolesAreScored() throws {
      let settings = [
        "training.steps=2", "validation.every=2", "validation.holes=[thin, thick, left_eye]",
      ]
      for (run, launcher) in [("1", Launcher.alone), ("2", .ranks(2))] {
        let outcome = try train(run, settings, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try RunRecord(folder["2"]) == RunRecord(folder["1"]))
      let plain = try train("plain", ["training.steps=2", "validation.every=2"])
      #expect(plain.status == 0)
      let (scored, usual) = (try numbers("1")[1], try numbers("plain")[1])
      for name in ["l1_hole_percent", "psnr", "ssim", "real_share"] {
        #expect(scored["validation_\(name)"] == usual["validation_\(name)"])
      }
      let psnrs = ["thin", "thick", "left_eye"].compactMap { scored["validation_psnr_\($0)"] }
      #expect(Set(psnrs).count == 3)
      try train("no", ["validation.holes=[thinn]"])
        .expectRefusal(64, mentions: ["validation.holes", "the nearest is thin"])
    }
  }
}

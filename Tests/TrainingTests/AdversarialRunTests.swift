import Foundation
import Testing
import Training

extension CommandTests {
  /// Trainings with everything that keeps the game alive: what the trainer promises holds for each.
  @Suite struct AdversarialRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Ingredients that exclude each other are in different recipes.
    private static let recipes = [
      "patch": [
        "model.composite=membrane", "model.upsampling=bilinear", "model.discriminator=patch",
        "model.discriminator_norm=spectral", "adversarial.r1=0.1", "adversarial.r1_every=2",
        "adversarial.augment=[color, translation, cutout]", "adversarial.warmup=2",
        "optimizer.warmup=2", "optimizer.discriminator.separate=true",
        "optimizer.discriminator.learning_rate=0.0001", "optimizer.discriminator.beta1=0",
        "training.ema_half_life=40",
      ],
      "published": [
        "model.composite=membrane", "model.upsampling=nearest", "adversarial.r1=0.1",
        "adversarial.r1_every=3", "adversarial.augment=[translation]",
        "training.batch_statistics=global",
      ],
    ]

    private func train(
      _ run: String, _ recipe: String, stopAfter: Int = 4, precision: String = "fp32",
      launcher: Launcher = .alone
    ) throws -> Outcome {
      let settings =
        try #require(Self.recipes[recipe]) + [
          "training.precision=\(precision)", "validation.every=4",
        ]
      return try SmallRun.train(
        folder[run], settings.flatMap { ["--set", $0] } + ["--stop-after", "\(stopAfter)"],
        launcher: launcher)
    }

    private func numbers(_ run: String) throws -> [[String: Double]] {
      try folder.text("\(run)/metrics.jsonl").split(separator: "\n").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return try #require(object).compactMapValues { ($0 as? NSNumber)?.doubleValue }
      }
    }

    /// On any number of ranks, and after an interruption between two updates by R1.
    @Test(arguments: ["patch", "published"], ["fp32", "bf16"])
    func bitsAreTheSame(recipe: String, precision: String) throws {
      for (run, ranks) in [("1", 1), ("2", 2)] {
        let outcome = try train(run, recipe, precision: precision, launcher: .ranks(ranks))
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try train("parts", recipe, stopAfter: 3, precision: precision).status == 0)
      #expect(try train("parts", recipe, precision: precision).status == 0)
      let record = try RunRecord(folder["1"])
      #expect(try RunRecord(folder["2"]) == record)
      #expect(try RunRecord(folder["parts"]) == record)
    }

    /// The log says whether the game is alive, and when R1 was taken into account.
    @Test func theLogTellsOfTheGame() throws {
      let outcome = try train("run", "patch")
      #expect(outcome.status == 0, outcome.report)
      let steps = try numbers("run")
      #expect(steps.count == 4)
      for (index, step) in steps.enumerated() {
        for name in ["real_score", "fake_score", "real_share"] {
          #expect((0...1).contains(step[name] ?? -1), "\(name)")
        }
        #expect((step["generator_gradient_norm"] ?? 0) > 0)
        #expect((step["discriminator_gradient_norm"] ?? 0) > 0)
        #expect((step["r1"] != nil) == (index % 2 == 1))
      }
      // Two steps of warm-up; the discriminator's rate is its own, by what lazy R1 leaves of it.
      #expect(steps[0]["generator_learning_rate"] == 1e-4)
      #expect(steps[1]["generator_learning_rate"] == 2e-4)
      let rate = steps[0]["discriminator_learning_rate"] ?? .nan
      #expect(abs(rate - 1e-4 * 2 / 3) < 1e-12)
      for name in ["validation_real_share", "validation_training_real_share"] {
        #expect((0...1).contains(steps[3][name] ?? -1), "\(name)")
      }
      // A checkpoint's generator says how it doubles sizes, and fills.
      let filled = try Program.run([
        "fill", "--weights", folder["run/checkpoints/step-00000004/generator-ema.safetensors"],
        "--image", "\(SmallRun.faces)/img_align_celeba/000001.jpg", "--mask", "center",
        "--output", folder["filled.png"],
      ])
      #expect(filled.status == 0, filled.report)
    }

    @Test func contradictionsAreRefused() throws {
      for (settings, key) in [
        (["training.ema=0.5", "training.ema_half_life=9"], "training.ema_half_life"),
        (["adversarial.augment=[color, color]"], "adversarial.augment"),
        (["adversarial.r1=-1"], "adversarial.r1"),
        (["adversarial.r1_every=0"], "adversarial.r1_every"),
        (["model.discriminator=patches"], "model.discriminator"),
        (["optimizer.discriminator.beta1=1"], "optimizer.discriminator.beta1"),
        (["model.kind=deepfill", "adversarial.r1=1"], "adversarial.r1"),
      ] {
        try SmallRun.train(folder["run"], settings.flatMap { ["--set", $0] })
          .expectRefusal(64, mentions: [key])
      }
    }
  }
}

import Checkpoints
import Foundation
import Images
import Testing
import Training

extension CommandTests {
  /// What the trainer promises, for a model that fills no holes; and `inpaint sample`.
  @Suite struct DCGANRunTests {
    private let folder: TemporaryFolder

    init() throws {
      folder = try TemporaryFolder()
      try folder.write(
        """
        experiment: small-dcgan
        model: {kind: dcgan, width: 3, latent: 5}
        data: {root: \(try SmallRun.faces), side: 32, crop: 0}
        training: {batch: 12, replicas: 4, steps: 9, agreement_every: 3, ema: 0.5}
        checkpoint: {every: 3, keep_last: 1, keep_best: 1}
        validation: {every: 3, count: 5, samples_every: 0, samples_count: 10}

        """, to: "dcgan.yaml")
    }

    private func train(
      _ run: String, _ settings: [String] = [], stopAfter: Int? = nil, launcher: Launcher = .alone,
      inject: String? = nil
    ) throws -> Outcome {
      try Program(
        ["train", folder["dcgan.yaml"], "--run", folder[run]]
          + settings.flatMap { ["--set", $0] }
          + (stopAfter.map { ["--stop-after", "\($0)"] } ?? []),
        launcher: launcher, environment: inject.map { ["INPAINT_INJECT": $0] } ?? [:]
      ).wait()
    }

    private func sample(_ arguments: [String], to output: String) throws -> Outcome {
      try Program.run(["sample", "--output", folder[output]] + arguments)
    }

    private func values(_ line: String) throws -> [String: Double] {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(object).compactMapValues { $0 as? Double }
    }

    /// What keeps the game alive is there for this model as well, with the same promises.
    @Test func sameBitsWithPenaltyAndAugmentation() throws {
      let settings = [
        "adversarial.r1=1", "adversarial.r1_every=2", "adversarial.augment=[color, translation]",
        "training.ema=0", "training.ema_half_life=50",
      ]
      let whole = try train("r1", settings)
      #expect(whole.status == 0, whole.report)
      for (stop, launcher) in [(3, Launcher.ranks(2)), (9, .alone)] {
        let outcome = try train("r1 parts", settings, stopAfter: stop, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      let record = try RunRecord(folder["r1"])
      #expect(try RunRecord(folder["r1 parts"]) == record)
      for (index, line) in record.metrics.enumerated() {
        #expect((try values(line)["r1"] != nil) == (index % 2 == 1))
      }
      try train("warm", ["adversarial.warmup=3"])
        .expectRefusal(64, mentions: ["adversarial.warmup"])
    }

    /// Any number of ranks, with three replicas' pictures odd in number, and stops in between.
    @Test func sameBitsOnRanksAndAfterStops() throws {
      for (run, launcher) in [("1", Launcher.alone), ("2", .ranks(2)), ("4", .ranks(4))] {
        let outcome = try train(run, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      let record = try RunRecord(folder["1"])
      #expect(record.metrics.count == 9 && record.lastSheet != nil)
      for run in ["2", "4"] { #expect(try RunRecord(folder[run]) == record) }
      var scores: [Int: Double] = [:]
      for (index, line) in record.metrics.enumerated() {
        let values = try values(line)
        #expect(values["images"] == Double(12 * (index + 1)))
        let losses = try [
          "discriminator_real", "discriminator_fake", "discriminator", "adversarial", "generator",
        ].map { try #require(values[$0], "\($0) in \(line)") }
        #expect(abs(losses[0] + losses[1] - losses[2]) < 1e-5)
        #expect(losses.allSatisfy { $0.isFinite && $0 > 0 })
        scores[index + 1] = values["validation_swd"]
        if let score = values["validation_swd"] {
          let levels = [values["validation_swd_32"], values["validation_swd_16"]].compactMap { $0 }
          #expect(levels.count == 2 && abs(levels.reduce(0, +) / 2 - score) < 1e-9 * score)
        }
      }
      #expect(scores.keys.sorted() == [3, 6, 9])
      let best = scores.min { $0.value < $1.value }?.key
      let kept = try folder.names(in: "1/checkpoints").compactMap {
        Int($0.dropFirst("step-".count))
      }
      #expect(Set(kept) == [best, 9], "\(scores)")
      for (stop, launcher) in [(2, Launcher.ranks(2)), (3, .alone), (9, .ranks(4))] {
        let outcome = try train("chain", stopAfter: stop, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try RunRecord(folder["chain"]) == record)
      // The negative control.
      #expect(try train("other", ["model.latent=6"]).status == 0)
      #expect(try RunRecord(folder["other"]).hash != record.hash)

      // The sheet shows the vectors of the run's seed, made with the running average.
      let weights = folder["1/checkpoints/step-00000009/generator-ema.safetensors"]
      let outcome = try sample(["--weights", weights, "--count", "10"], to: "sheet.png")
      #expect(outcome.status == 0, outcome.report)
      let sheet = try Image(contentsOf: folder["sheet.png"])
      let own = try Image(contentsOf: RunDirectory(folder["1"]).samples(step: 9))
      #expect(try sample(["--weights", weights, "--count", "10"], to: "pictures").status == 0)
      let pictures = try folder.names(in: "pictures").map {
        try Image(contentsOf: folder["pictures/\($0)"])
      }
      #expect(pictures.count == 10 && Set(pictures.map(\.pixels)).count == 10)
      #expect(pictures.allSatisfy { $0.width == 32 && $0.height == 32 })
      #expect(sheet.height == own.height, "two rows")
    }

    @Test func replicaFailuresAreNamed() throws {
      let outcome = try train(
        "run", stopAfter: 2, launcher: .ranks(2), inject: "pictures:replica=3,batch=2")
      outcome.expectRefusal(70, mentions: ["replica 3"])
      let skipping = try train(
        "skipping", ["training.on_non_finite=skip"], stopAfter: 3,
        inject: "pictures:replica=1,batch=2")
      #expect(skipping.status == 0, skipping.report)
    }

    @Test func wrongUseIsRefused() throws {
      #expect(
        try train("run", ["validation.every=0", "checkpoint.keep_best=0"], stopAfter: 1).status == 0
      )
      let weights = folder["run/checkpoints/step-00000001/generator.safetensors"]
      let dmfn = "\(Self.fixtures)/weights/generator.safetensors"
      let photo = "\(Self.fixtures)/images/photo0.64.png"
      try Program.run([
        "fill", "--weights", weights, "--image", photo, "--mask", "center", "--output",
        folder["filled.png"],
      ]).expectRefusal(64, mentions: [weights, "dcgan", "inpaint sample"])
      try sample(["--weights", dmfn], to: "a.png")
        .expectRefusal(64, mentions: [dmfn, "dmfn", "inpaint fill"])
      try sample(["--weights", weights], to: "a.bmp").expectRefusal(
        64, mentions: ["a.bmp", ".png"])
      for (setting, mentions) in [
        ("masks.shrink=0.5", ["masks", "dmfn"]), ("checkpoint.best_metric=psnr", ["swd"]),
        ("data.side=96", ["32, 64, 128"]), ("training.batch_statistics=global", ["replica"]),
        ("loss.pixel=1", ["loss.pixel", "dmfn"]), ("model.latent=0", ["model.latent"]),
      ] {
        try train("refused", [setting]).expectRefusal(64, mentions: mentions)
      }
      // A walk of two vectors with three steps between them has four pictures, and ends at vector 1.
      let walk = ["--weights", weights, "--count", "2", "--seed", "5"]
      #expect(try sample(walk + ["--walk", "3"], to: "walk").status == 0)
      #expect(try sample(walk, to: "ends").status == 0)
      #expect(try folder.names(in: "walk").sorted() == (0..<4).map { "0000\($0).png" })
      #expect(try folder.bytes("walk/00000.png") == folder.bytes("ends/00000.png"))
      let last = try Image(contentsOf: folder["walk/00003.png"]).pixels
      let end = try Image(contentsOf: folder["ends/00001.png"]).pixels
      #expect(zip(last, end).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
      #expect(try sample(walk + ["--truncation", "0"], to: "mean").status == 0)
      #expect(try folder.bytes("mean/00000.png") == folder.bytes("mean/00001.png"))
    }

    private static let fixtures = (0..<2)
      .reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
      .appendingPathComponent("Fixtures").path
  }
}

import Checkpoints
import Datasets
import Foundation
import Images
import Testing
import Training

extension CommandTests {
  /// What the trainer promises, for a model whose step makes several updates.
  @Suite struct DeepFillRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func train(
      _ run: String, _ settings: [String] = [], stopAfter: Int? = nil, launcher: Launcher = .alone,
      inject: String? = nil
    ) throws -> Outcome {
      try DeepFillRun.train(
        folder, run, settings, stopAfter: stopAfter, launcher: launcher,
        environment: inject.map { ["INPAINT_INJECT": $0] } ?? [:])
    }

    private func loss(_ name: String, _ line: String) throws -> Double {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(object?[name] as? Double, "\(name) in \(line)")
    }

    /// Any number of ranks, and stops in between.
    @Test func sameBitsOnRanksAndAfterStops() throws {
      for (run, launcher) in [("1", Launcher.alone), ("2", .ranks(2)), ("4", .ranks(4))] {
        let outcome = try train(run, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      let record = try RunRecord(folder["1"])
      #expect(record.metrics.count == DeepFillRun.steps && record.lastSheet != nil)
      for run in ["2", "4"] { #expect(try RunRecord(folder[run]) == record) }
      for (index, line) in record.metrics.enumerated() {
        #expect(line.contains("\"images\": \(DeepFillRun.imagesPerStep * (index + 1)),"))
        // 48 faces.
        #expect(line.contains("\"epoch\": \((index + 1) / 2),"))
        for name in [
          "wasserstein", "penalty", "discriminator", "discounted_l1", "autoencoder", "adversarial",
          "generator",
        ] {
          #expect(try loss(name, line).isFinite)
        }
      }
      for (stop, launcher) in [(2, Launcher.ranks(2)), (3, .alone), (8, .ranks(4))] {
        let outcome = try train("chain", stopAfter: stop, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try RunRecord(folder["chain"]) == record)
      // The negative control.
      #expect(try train("other", ["loss.penalty=9"]).status == 0)
      #expect(try RunRecord(folder["other"]).hash != record.hash)
    }

    @Test func filesHaveTheNetworks() throws {
      #expect(try train("run", stopAfter: 1).status == 0)
      let checkpoint = try CheckpointDirectory(folder["run/checkpoints/step-00000001"]).load()
      let names = checkpoint.files.map(\.name).sorted()
      #expect(names == ["discriminator", "generator", "generator-ema", "optimizer"])
      let critics = try checkpoint.discriminator.names
      #expect(critics.contains { $0.hasPrefix("localD.") })
      #expect(critics.contains { $0.hasPrefix("globalD.") })
    }

    /// Batches 7 to 9 are those of step 3: two critic updates, then the generator's.
    @Test(arguments: [(7, "critics 1"), (8, "critics 2"), (9, "generator")])
    func skipTakesTheWholeStepBack(batch: Int, update: String) throws {
      let inject = "pictures:replica=3,batch=\(batch)"
      let policy = ["training.on_non_finite=skip"]
      #expect(try train("before", stopAfter: 2).status == 0)
      for (run, launcher) in [("1", Launcher.alone), ("2", .ranks(2))] {
        let outcome = try train(run, policy, stopAfter: 3, launcher: launcher, inject: inject)
        #expect(outcome.status == 0, outcome.report)
        #expect(
          outcome.errors.contains("warning: step 3, update of the \(update): "), outcome.report)
        for name in try names(replica: 3, batch: batch) {
          #expect(outcome.errors.contains(name), outcome.report)
        }
      }
      let (record, other) = (try RunRecord(folder["1"]), try RunRecord(folder["2"]))
      #expect(record == other)
      #expect(try record.hash == RunRecord(folder["before"]).hash, "nothing was updated")
      #expect(record.metrics[2].contains("\"skipped_updates\": 1"))
      #expect(record.metrics[2].contains("\"generator\": null"))
      let goesOn = try train("1", policy, stopAfter: 5, launcher: .ranks(4))
      #expect(goesOn.status == 0, goesOn.report)
      #expect(try train("whole", policy, stopAfter: 5, inject: inject).status == 0)
      #expect(try RunRecord(folder["1"]) == RunRecord(folder["whole"]))
    }

    @Test func rollbackGoesOnAfterTheStepsBatches() throws {
      let settings = ["training.on_non_finite=rollback", "training.steps=6"]
      for (run, launcher) in [("1", Launcher.alone), ("2", .ranks(2))] {
        let outcome = try train(
          run, settings, launcher: launcher, inject: "pictures:replica=0,batch=14")
        #expect(outcome.status == 0, outcome.report)
        #expect(outcome.errors.contains("Going back to step 3"), outcome.report)
      }
      let record = try RunRecord(folder["1"])
      #expect(try RunRecord(folder["2"]) == record)
      // Step 4 works on the batches of step 6, after the two that were passed over.
      #expect(record.metrics[3].contains("\"images\": \(6 * DeepFillRun.imagesPerStep),"))
    }

    @Test func stopKeepsTheStateBefore() throws {
      let outcome = try train("run", launcher: .ranks(2), inject: "pictures:replica=1,batch=8")
      outcome.expectRefusal(70, mentions: ["step 3", "critics 2", "replica 1", "wasserstein"])
      #expect(try train("before", stopAfter: 2).status == 0)
      #expect(try hashCheckpoint(folder["run"]) == hashCheckpoint(folder["before"]))
    }

    /// The coarse network alone, then a run that starts from its weights.
    @Test func pretraining() throws {
      let outcome = try train("coarse", ["training.pretrain_coarse=true"], stopAfter: 3)
      #expect(outcome.status == 0, outcome.report)
      let metrics = try RunRecord(folder["coarse"]).metrics
      #expect(metrics[2].contains("\"images\": 24,") && !metrics[2].contains("wasserstein"))
      #expect(try loss("generator", metrics[2]) < loss("generator", metrics[0]))

      let weights = folder["coarse/checkpoints/step-00000003/generator.safetensors"]
      let start = ["model.initial_weights=\(weights)"]
      for (run, launcher) in [("1", Launcher.alone), ("2", .ranks(2))] {
        let outcome = try train(run, start, stopAfter: 2, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try RunRecord(folder["1"]) == RunRecord(folder["2"]))
      #expect(try train("drawn", stopAfter: 2).status == 0)
      #expect(try RunRecord(folder["1"]).hash != RunRecord(folder["drawn"]).hash)
      // The file is needed at the start only.
      let goesOn = try train("1", ["model.initial_weights=/nowhere"], stopAfter: 3)
      #expect(goesOn.status == 0, goesOn.report)
    }

    @Test(arguments: [
      (["model.blocks=2"], 64, ["model.blocks", "belongs to model.kind dmfn"]),
      (["perceptual.weights=random"], 64, ["perceptual", "set model.kind to dmfn"]),
      (["data.side=80"], 64, ["data.side = 80", "use 64 or 96"]),
      (["training.critic_updates=0"], 64, ["training.critic_updates = 0"]),
      (["model.initial_weights=/nowhere.pt"], 65, ["/nowhere.pt", "model.initial_weights"]),
    ])
    func isRefused(settings: [String], status: Int, mentions: [String]) throws {
      for launcher in [Launcher.alone, .ranks(2)] {
        try train("run", settings, launcher: launcher).expectRefusal(
          Int32(status), mentions: mentions)
        #expect(!FileManager.default.fileExists(atPath: folder["run/metrics.jsonl"]))
      }
    }

    /// A generator of another width, and one of another kind of model.
    @Test func initialWeightsThatDoNotFit() throws {
      #expect(try train("wide", ["model.width=4"], stopAfter: 1).status == 0)
      let weights = folder["wide/checkpoints/step-00000001/generator.safetensors"]
      try train("run", ["model.initial_weights=\(weights)"])
        .expectRefusal(65, mentions: [weights, "coarse_generator.conv1.conv.weight"])
    }

    @Test func aRunOfAnotherKindIsNotContinued() throws {
      #expect(try train("run", stopAfter: 1).status == 0)
      try SmallRun.train(folder["run"]).expectRefusal(64, mentions: ["model.kind"])
    }

    @Test func benchmarksCountAllUpdates() throws {
      let settings = [
        "model.kind=deepfill", "model.width=2", "data.side=64", "training.batch=2",
        "training.replicas=2", "training.critic_updates=2",
      ].flatMap { ["--set", $0] }
      for (arguments, launcher) in [
        (["step", "--steps", "1"], Launcher.alone), (["scaling", "--rounds", "1"], .ranks(2)),
      ] {
        let outcome = try Program.run(
          ["benchmark"] + arguments + ["--json"] + settings, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
        let line = try #require(outcome.output.split(separator: "\n").last)
        let result = try #require(
          JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        if launcher == .alone {
          #expect(result["batches_per_step"] as? Int == 3)
          let seconds = try #require(result["seconds_per_step"] as? Double)
          let rate = try #require(result["images_per_second"] as? Double)
          #expect(abs(rate * seconds - 6) < 1e-6)
        } else {
          #expect((result["timelines"] as? [Any])?.count == 3)
        }
      }
    }

    private func names(replica: Int, batch: Int) throws -> [String] {
      let source = try openImageSource(root: SmallRun.faces, split: .train)
      let sampler = ShardedSampler(
        datasetCount: source.count, globalBatchSize: 8, replicas: 4, seed: 1)
      return sampler.samples(step: batch - 1, replica: replica)
        .map { source.name(of: $0.sampleIndex) }
    }
  }

  /// Both kinds of models train on all kinds of holes.
  @Suite struct MaskedTrainingTests {
    @Test(arguments: ["dmfn", "deepfill"])
    func mosaicBrushAndFiles(kind: String) throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder["masks"], withIntermediateDirectories: true)
      // Some strokes: every fourth row is missing, or every fourth column.
      for (name, axis) in [("rows", 0), ("columns", 1)] {
        let pixels = (0..<64 * 64).map { index in
          UInt8([index / 64, index % 64][axis].isMultiple(of: 4) ? 255 : 0)
        }
        try Image(width: 64, height: 64, channels: 1, pixels: pixels)
          .write(to: folder["masks/\(name).png"])
      }
      let settings = [
        "masks.mixture.rectangle=0", "masks.mixture.mosaic=1", "masks.mixture.brush=1",
        "masks.mixture.files=1", "masks.files=\(folder["masks"])",
      ]
      let outcome =
        kind == "dmfn"
        ? try SmallRun.train(
          folder["run"], settings.flatMap { ["--set", $0] } + ["--stop-after", "4"])
        : try DeepFillRun.train(folder, "run", settings, stopAfter: 4)
      #expect(outcome.status == 0, outcome.report)
      #expect(try RunRecord(folder["run"]).metrics.count == 4)
    }
  }
}

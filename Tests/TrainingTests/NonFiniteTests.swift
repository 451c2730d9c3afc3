import Checkpoints
import Datasets
import Foundation
import Testing

extension CommandTests {
  /// Losses and gradients that are not finite numbers, on one replica of four.
  @Suite struct NonFiniteTests {
    private static let end = 12
    private static let launchers = [Launcher.alone, .ranks(2), .ranks(4)]

    private func train(
      _ run: String, _ policy: String, inject: String?, _ arguments: [String] = [],
      launcher: Launcher = .alone
    ) throws -> Outcome {
      let settings = [
        "training.on_non_finite=\(policy)", "training.steps=\(Self.end)", "checkpoint.every=4",
      ]
      return try SmallRun.train(
        run, settings.flatMap { ["--set", $0] } + arguments, launcher: launcher,
        environment: inject.map { ["INPAINT_INJECT": $0] } ?? [:])
    }

    private func newestStep(_ run: String) throws -> Int? {
      try CheckpointDirectory.all(in: "\(run)/checkpoints").first?.step
    }

    /// The names of a replica's pictures in a batch, counted from 1.
    private func names(replica: Int, batch: Int) throws -> [String] {
      let source = try openImageSource(root: SmallRun.faces, split: .train)
      let sampler = ShardedSampler(
        datasetCount: source.count, globalBatchSize: 8, replicas: 4, seed: 1)
      return sampler.samples(step: batch - 1, replica: replica)
        .map { source.name(of: $0.sampleIndex) }
    }

    @Test(arguments: launchers)
    func stopKeepsTheStateBefore(launcher: Launcher) throws {
      let folder = try TemporaryFolder()
      let inject = "pictures:replica=3,batch=6"
      let outcome = try train(folder["run"], "stop", inject: inject, launcher: launcher)
      outcome.expectRefusal(
        70, mentions: ["step 6", "replica 3", "pixel"] + (try names(replica: 3, batch: 6)))
      #expect(try newestStep(folder["run"]) == 5)
      // The same command finds the same batch, and changes nothing.
      let before = try (RunRecord(folder["run"]), folder.names(in: "run/checkpoints"))
      #expect(try train(folder["run"], "stop", inject: inject, launcher: launcher).status == 70)
      #expect(try RunRecord(folder["run"]) == before.0)
      #expect(try folder.names(in: "run/checkpoints") == before.1)
      // Without the fault it goes on as if nothing had been.
      #expect(try train(folder["run"], "stop", inject: nil).status == 0)
      #expect(try train(folder["whole"], "stop", inject: nil).status == 0)
      #expect(try RunRecord(folder["run"]) == RunRecord(folder["whole"]))
    }

    @Test func skipLeavesOneUpdateOut() throws {
      let folder = try TemporaryFolder()
      for (name, launcher) in zip(["1", "2", "4"], Self.launchers) {
        let outcome = try train(
          folder[name], "skip", inject: "pictures:replica=3,batch=6", launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
        #expect(outcome.errors.contains("warning: step 6: "), outcome.report)
        for name in try names(replica: 3, batch: 6) {
          #expect(outcome.errors.contains(name), outcome.report)
        }
      }
      let record = try RunRecord(folder["1"])
      #expect(try RunRecord(folder["2"]) == record && RunRecord(folder["4"]) == record)
      #expect(record.metrics.count == Self.end)
      for (index, line) in record.metrics.enumerated() {
        #expect(line.contains("\"pixel\": null") == (index == 5))
        #expect(line.contains("\"skipped_updates\": 1") == (index >= 5))
      }
      let checkpoint = try #require(try CheckpointDirectory.all(in: folder["1/checkpoints"]).first)
      let counter = try #require(
        try checkpoint.load().discriminator.namedTensors.first {
          $0.name.hasSuffix("num_batches_tracked")
        })
      let updates = counter.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(Never) in
        bytes.loadUnaligned(as: Int64.self)
      }
      #expect(updates == Int64(Self.end - 1))

      // Interrupted before, at and after the step.
      for (end, launcher) in [
        ("5", Launcher.ranks(2)), ("6", .alone), ("7", .ranks(4)), ("12", .alone),
      ] {
        let outcome = try train(
          folder["chain"], "skip", inject: "pictures:replica=3,batch=6", ["--stop-after", end],
          launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try RunRecord(folder["chain"]) == record)
    }

    @Test func rollbackGoesOnAfterTheBatch() throws {
      let folder = try TemporaryFolder()
      let inject = "pictures:replica=3,batch=7"
      for (name, launcher) in zip(["1", "2", "4"], Self.launchers) {
        let outcome = try train(folder[name], "rollback", inject: inject, launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
        #expect(outcome.errors.contains("Going back to step 4"), outcome.report)
      }
      let record = try RunRecord(folder["1"])
      #expect(try RunRecord(folder["2"]) == record && RunRecord(folder["4"]) == record)
      #expect(record.metrics.count == Self.end)
      for (index, line) in record.metrics.enumerated() {
        // Step 5 works on batch 8.
        let images = 8 * (index + 1 + (index >= 4 ? 3 : 0))
        #expect(line.contains("\"images\": \(images),"))
        #expect(line.contains("\"rollbacks\": 1") == (index >= 4))
      }

      // Interrupted before and after, where checkpoints lie in between.
      for end in ["6", "9", "12"] {
        let outcome = try train(
          folder["chain"], "rollback", inject: inject, ["--stop-after", end], launcher: .ranks(2))
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try RunRecord(folder["chain"]) == record)
      // The negative control: the batches that were passed over matter.
      #expect(try train(folder["whole"], "rollback", inject: nil).status == 0)
      #expect(try RunRecord(folder["whole"]).hash != record.hash)
    }

    /// Also before the first regular checkpoint, and weights that were destroyed on one rank heal.
    @Test func rollbackHealsWeights() throws {
      let folder = try TemporaryFolder()
      for target in ["pictures", "weights"] {
        let outcome = try train(
          folder[target], "rollback", inject: "\(target):replica=3,batch=3", launcher: .ranks(2))
        #expect(outcome.status == 0, outcome.report)
        #expect(outcome.errors.contains("Going back to step 0"), outcome.report)
      }
      #expect(try RunRecord(folder["weights"]) == RunRecord(folder["pictures"]))
    }

    @Test(arguments: ["stop", "skip"])
    func destroyedWeightsAreNotKept(policy: String) throws {
      let folder = try TemporaryFolder()
      let outcome = try train(
        folder["run"], policy, inject: "weights:replica=3,batch=6", launcher: .ranks(2))
      outcome.expectRefusal(70, mentions: ["generator.", "on rank 1 holds", "memory"])
      #expect(try newestStep(folder["run"]) == 4)
    }

    @Test func aCheckpointWithDestroyedWeightsIsRefused() throws {
      let folder = try TemporaryFolder()
      #expect(try train(folder["run"], "stop", inject: nil, ["--stop-after", "1"]).status == 0)
      let checkpoint = try CheckpointDirectory(folder["run/checkpoints/step-00000001"]).load()
      let files = checkpoint.files.map { name, tensors in
        CheckpointSnapshot.File(
          name: name,
          tensors: tensors.namedTensors.map { tensor in
            guard tensor.name.hasSuffix("first_moment") else { return tensor }
            let count = tensor.shape.reduce(1, *)
            return NamedTensor(
              name: tensor.name, shape: tensor.shape, floats: Array(repeating: .nan, count: count))
          })
      }
      try CheckpointStore(root: folder["run/checkpoints"]).save(
        CheckpointSnapshot(state: checkpoint.state, files: files))
      try train(folder["run"], "skip", inject: nil, launcher: .ranks(2))
        .expectRefusal(65, mentions: ["first moment", "--resume"])
    }

    /// Where every batch fails, the run ends: features beyond all numbers make every loss infinite.
    @Test(arguments: [("skip", 11), ("rollback", 1)])
    func neverForEver(policy: String, step: Int) throws {
      let folder = try TemporaryFolder()
      let weights = Array(repeating: Float(3e38), count: 64 * 27)
      try Safetensors.write(
        [
          NamedTensor(name: "features.0.weight", shape: [64, 3, 3, 3], floats: weights),
          NamedTensor(
            name: "features.0.bias", shape: [64], floats: Array(repeating: 0, count: 64)),
        ], to: folder["large.safetensors"])
      let outcome = try train(
        folder["run"], policy, inject: nil,
        ["--set", "perceptual.weights=\(folder["large.safetensors"])"], launcher: .ranks(2))
      outcome.expectRefusal(70, mentions: ["step \(step): ", "replica 0", "replica 3", "feature"])
    }
  }
}

import Checkpoints
import Datasets
import Foundation
import Kernels
import SyntheticFaces
import Testing
import Training

extension CommandTests {
  /// Ranks that were not started alike say so before step 1.
  @Suite struct RankAgreementTests {
    /// Starts rank 0 as usual, and rank 1 with another program, configuration or options.
    ///
    /// One script becomes either of the two: mpirun 5.0.7 of Debian 13 crashes on a command line with a
    /// colon, which would start them as two programs.
    private func train(
      _ folder: TemporaryFolder, program: String? = nil, configuration: String? = nil,
      _ arguments: [String] = [], _ others: [String] = []
    ) throws -> Outcome {
      let first = [
        try Program.path("inpaint"), "train", try SmallRun.configuration, "--run", folder["run"],
      ]
      let second = [
        try program ?? Program.path("inpaint"), "train",
        try configuration ?? SmallRun.configuration, "--run", folder["run"],
      ]
      func quoted(_ words: [String]) -> String {
        words.map { "'\($0)'" }.joined(separator: " ")
      }
      try folder.writeScript(
        """
        if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then exec \(quoted(second + others)); fi
        exec \(quoted(first + arguments))
        """, to: "either")
      return try Program([], launcher: .ranks(2), name: folder["either"]).wait()
    }

    @Test func anotherConfigurationIsNamed() throws {
      let folder = try TemporaryFolder()
      let text = try String(contentsOfFile: SmallRun.configuration, encoding: .utf8)
      try folder.write(text.replacing("batch: 8", with: "batch: 16"), to: "other.yaml")
      let outcome = try train(folder, configuration: folder["other.yaml"])
      outcome.expectRefusal(
        64, mentions: ["training.batch is 8 on rank 0, but 16 on rank 1"])
      #expect(!outcome.errors.contains("seed"), outcome.report)
      #expect(!folder.contains("run"))
    }

    @Test func otherOptionsAreNamed() throws {
      let folder = try TemporaryFolder()
      let outcome = try train(
        folder, ["--stop-after", "3"], ["--stop-after", "5", "--set", "seed=2"])
      outcome.expectRefusal(
        64,
        mentions: [
          "seed is 1 on rank 0, but 2 on rank 1", "--stop-after is 3 on rank 0, but 5 on rank 1",
        ])
      #expect(!folder.contains("run"))
    }

    @Test func anotherBuildIsNamed() throws {
      let folder = try TemporaryFolder()
      var program = try Data(contentsOf: URL(fileURLWithPath: Program.path("inpaint")))
      program.append(0)
      try program.write(to: URL(fileURLWithPath: folder["inpaint"]))
      chmod(folder["inpaint"], 0o700)
      let outcome = try train(folder, program: folder["inpaint"])
      outcome.expectRefusal(64, mentions: ["the program is", "build ", "on rank 0, but"])
      #expect(!outcome.errors.contains("pictures"), outcome.report)
      #expect(!folder.contains("run"))
    }

    @Test func otherPicturesHaveAnotherHash() throws {
      let folder = try TemporaryFolder()
      let hashes = try zip(0..<3, [1, 2, 2] as [UInt64]).map { place, seed in
        _ = try writeSyntheticFaces(to: folder["\(place)"], count: 20, side: 16, seed: seed)
        return try openImageSource(root: folder["\(place)"], split: .train).spotHash()
      }
      #expect(hashes[0] != hashes[1] && hashes[1] == hashes[2])
    }

    @Test func aRankWithoutTheFileTakesThatOfRank0() throws {
      let folder = try TemporaryFolder()
      let outcome = try train(
        folder, configuration: folder["absent.yaml"], ["--stop-after", "1"], ["--stop-after", "1"])
      #expect(outcome.status == 0, outcome.report)
    }

    @Test func anotherVersionIsNotGoneOnFrom() throws {
      let folder = try TemporaryFolder()
      #expect(try SmallRun.train(folder["run"], ["--stop-after", "1"]).status == 0)
      try changeState(of: folder["run"]) { $0.codeVersion = "0.9" }
      try SmallRun.train(folder["run"])
        .expectRefusal(64, mentions: ["inpaint 0.9", "--accept-other-bits"])
      let outcome = try SmallRun.train(
        folder["run"], ["--accept-other-bits", "--stop-after", "2"])
      #expect(outcome.status == 0, outcome.report)
    }

    @Test func anotherConvolutionLibraryIsNotGoneOnWith() throws {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.referenceRun, to: "run")
      let state = try CheckpointStore(root: folder["run/checkpoints"]).newestValid()?.checkpoint
        .state
      #expect(state?.extras["onednn"] == convolutionLibraryVersion)
      try changeState(of: folder["run"]) { $0.extras["onednn"] = "1.9.3" }
      try SmallRun.train(folder["run"]).expectRefusal(
        64, mentions: ["oneDNN 1.9.3", convolutionLibraryVersion, "--accept-other-bits"])
      let accepted = try SmallRun.train(folder["run"], ["--accept-other-bits"])
      #expect(accepted.status == 0, accepted.report)
      // Checkpoints from before they said so were computed with oneDNN 2.
      try changeState(of: folder["run"]) { $0.extras["onednn"] = nil }
      let outcome = try SmallRun.train(folder["run"])
      #expect(
        outcome.status == (convolutionLibraryVersion.hasPrefix("2.") ? 0 : 64), outcome.report)
    }

    /// Rewrites a run's newest checkpoint with another state.
    private func changeState(of run: String, _ change: (inout CheckpointState) -> Void) throws {
      let store = try CheckpointStore(root: "\(run)/checkpoints")
      let checkpoint = try #require(try store.newestValid()?.checkpoint)
      var state = checkpoint.state
      change(&state)
      let files = checkpoint.files.map {
        CheckpointSnapshot.File(name: $0.name, tensors: $0.tensors.namedTensors)
      }
      try store.save(CheckpointSnapshot(state: state, files: files))
    }
  }
}

import Foundation
import Testing

extension CommandTests {
  /// Checkpoints that a run cannot go on from.
  @Suite struct BadCheckpointTests {
    private func copyOfReference() throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.referenceRun, to: "run")
      return folder
    }

    @Test(arguments: [Launcher.alone, .ranks(2)])
    func anotherSeedIsRefused(launcher: Launcher) throws {
      let folder = try copyOfReference()
      let before = folder.contents
      let outcome = try SmallRun.train(folder["run"], ["--set", "seed=2"], launcher: launcher)
      outcome.expectRefusal(
        64, mentions: ["step-00000024", "seed: 2 here, 1 there", "--run"])
      #expect(folder.contents == before)
    }

    @Test func otherImagesAreRefused() throws {
      let folder = try copyOfReference()
      try folder.copy(SmallRun.faces, to: "faces")
      let list = try folder.text("faces/list_eval_partition.txt")
      try folder.write(
        list.replacing("000048.jpg 0", with: "000048.jpg 2"), to: "faces/list_eval_partition.txt")
      let before = folder.contents
      let outcome = try SmallRun.train(
        folder["run"], ["--set", "data.root=\(folder["faces"])"])
      outcome.expectRefusal(65, mentions: ["other images", "data.root"])
      #expect(folder.contents == before)
    }

    @Test func aNewRunInItsFolderIsRefused() throws {
      let folder = try copyOfReference()
      let before = folder.contents
      let outcome = try SmallRun.train(folder["run"], ["--resume", "never"])
      outcome.expectRefusal(64, mentions: ["step 24", "--run", "--resume auto"])
      #expect(folder.contents == before)
    }

    @Test func aCheckpointThatIsNotThereIsRefused() throws {
      let folder = try copyOfReference()
      let before = folder.contents
      let outcome = try SmallRun.train(folder["run"], ["--resume", folder["absent"]])
      outcome.expectRefusal(65, mentions: [folder["absent"], "no checkpoint here"])
      #expect(folder.contents == before)
    }

    @Test(arguments: [Launcher.alone, .ranks(2)])
    func aDamagedOneIsPassedOver(launcher: Launcher) throws {
      let folder = try copyOfReference()
      try folder.flipBit(of: "run/checkpoints/step-00000024/generator.safetensors", atByte: 5000)
      let outcome = try SmallRun.train(folder["run"], launcher: launcher)
      #expect(outcome.status == 0, outcome.report)
      let warnings = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
      #expect(warnings.count == 1, outcome.report)
      #expect(warnings.first?.contains("step-00000024") == true, outcome.report)
      #expect(warnings.first?.contains("generator.safetensors") == true, outcome.report)
      #expect(outcome.output.contains("starting at step 22"), outcome.report)
      #expect(try folder.names(in: "run/checkpoints").contains("step-00000024.corrupt"))
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    /// A second try must not take a folder of damaged checkpoints for a new run.
    @Test(arguments: [Launcher.alone, .ranks(2)])
    func onlyDamagedOnesAreRefused(launcher: Launcher) throws {
      let folder = try copyOfReference()
      for name in try folder.names(in: "run/checkpoints") where name != "latest" {
        try folder.flipBit(of: "run/checkpoints/\(name)/state.json", atByte: 100)
      }
      let metrics = try folder.bytes("run/metrics.jsonl")
      for _ in 1...2 {
        let outcome = try SmallRun.train(folder["run"], launcher: launcher)
        outcome.expectRefusal(65, mentions: [folder["run/checkpoints"]])
        #expect(try folder.bytes("run/metrics.jsonl") == metrics)
      }
      #expect(
        try folder.names(in: "run/checkpoints").filter { $0.hasSuffix(".corrupt") }.count == 3)
    }
  }
}

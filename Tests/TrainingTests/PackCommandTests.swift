import Foundation
import Testing

extension CommandTests {
  /// Packing, and training from what was packed.
  @Suite struct PackCommandTests {
    @Test(arguments: [Launcher.alone, .ranks(4)])
    func trainingFromShardsEndsWithTheSameBits(launcher: Launcher) throws {
      let folder = try TemporaryFolder()
      let packing = try Program.run(["pack", SmallRun.faces, folder["packed"], "--verify"])
      #expect(packing.status == 0, packing.report)
      #expect(packing.output.contains("60 images in 3 shards"), packing.report)
      #expect(packing.output.contains("all checksums are right"), packing.report)
      let root = ["--set", "data.root=\(folder["packed"])"]
      let outcome = try SmallRun.train(folder["run"], root, launcher: launcher)
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("packed images \(folder["packed"])"), outcome.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    @Test func aRunGoesOnFromTheFolderToShards() throws {
      let folder = try TemporaryFolder()
      #expect(try Program.run(["pack", SmallRun.faces, folder["packed"]]).status == 0)
      #expect(try SmallRun.train(folder["run"], ["--stop-after", "10"]).status == 0)
      let outcome = try SmallRun.train(
        folder["run"], ["--set", "data.root=\(folder["packed"])", "--set", "data.format=shards"])
      #expect(outcome.output.contains("starting at step 11"), outcome.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    @Test func aKilledPackGoesOn() throws {
      let folder = try TemporaryFolder()
      let picture = try Data(
        contentsOf: URL(fileURLWithPath: SmallRun.faces + "/img_align_celeba/000001.jpg"))
      for number in 1000..<2600 { try folder.write(picture, to: "images-\(number).jpg") }
      try FileManager.default.createDirectory(
        atPath: folder["images"], withIntermediateDirectories: true)
      for number in 1000..<2600 {
        try FileManager.default.moveItem(
          atPath: folder["images-\(number).jpg"], toPath: folder["images/\(number).jpg"])
      }
      func arguments(_ name: String) -> [String] {
        ["pack", folder["images"], folder[name], "--shard-size", "1"]
      }
      #expect(try Program.run(arguments("whole")).status == 0)
      let program = try Program(arguments("packed"))
      program.wait { folder.contains("packed/heldout-00000.tar") }
      program.kill()
      _ = try program.wait()
      let outcome = try Program.run(arguments("packed"))
      #expect(outcome.status == 0, outcome.report)
      for name in try folder.names(in: "whole") {
        #expect(try folder.bytes("packed/\(name)") == folder.bytes("whole/\(name)"), "\(name)")
      }
      #expect(try folder.names(in: "packed") == folder.names(in: "whole"))
    }

    /// The pack that stopped at a damaged picture goes on without it, as its message says.
    @Test func aDamagedPictureCanBeLeftOutAfterwards() throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder["images"], withIntermediateDirectories: true)
      for name in ["a.jpg", "b.jpg"] {
        try folder.copy(
          "\(try SmallRun.faces)/img_align_celeba/000001.jpg", to: "images/\(name)")
      }
      try folder.write(try folder.bytes("images/b.jpg").prefix(400), to: "images/b.jpg")
      // Resizing decodes.
      let command = ["pack", folder["images"], folder["packed"], "--side", "32"]
      let stopped = try Program.run(command)
      #expect(stopped.status == 65 && stopped.errors.contains("--damaged skip"), stopped.report)
      let outcome = try Program.run(command + ["--damaged", "skip"])
      #expect(outcome.status == 0, outcome.report)
      #expect(try folder.names(in: "packed").contains("shards.index"))
      let wrong = try Program.run(["pack", folder["images"], folder["other"], "--crop", "100"])
      #expect(wrong.status == 64 && wrong.errors.contains("--side"), wrong.report)
    }

    @Test func damageIsNamed() throws {
      let folder = try TemporaryFolder()
      #expect(try Program.run(["pack", SmallRun.faces, folder["packed"]]).status == 0)
      let train = ["--set", "data.root=\(folder["packed"])"]
      try folder.flipBit(of: "packed/train-00000.tar", atByte: 700)
      try Program.run(["pack", "--verify", folder["packed"]]).expectRefusal(
        65, mentions: ["train-00000.tar: 000001.jpg at byte 512", "checksum"])
      for launcher in [Launcher.alone, .ranks(2)] {
        try SmallRun.train(folder["run"], train, launcher: launcher).expectRefusal(
          65, mentions: ["train-00000.tar: 000001.jpg at byte 512", "checksum"])
      }
      let shard = try folder.bytes("packed/train-00000.tar")
      try folder.write(shard.dropLast(4000), to: "packed/train-00000.tar")
      try SmallRun.train(folder["run"], train).expectRefusal(
        65, mentions: ["train-00000.tar", "cut off"])
      try FileManager.default.removeItem(atPath: folder["packed/train-00000.tar"])
      try SmallRun.train(folder["run"], train).expectRefusal(
        65, mentions: ["train-00000.tar", "not there"])
      try folder.flipBit(of: "packed/shards.index", atByte: 100)
      try SmallRun.train(folder["run"], train).expectRefusal(65, mentions: ["shards.index"])
    }
  }
}

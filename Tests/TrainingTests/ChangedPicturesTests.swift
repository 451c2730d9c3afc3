import Checkpoints
import Foundation
import Testing

extension CommandTests {
  /// Data that changes under a run, or between two starts of it.
  @Suite struct ChangedPicturesTests {
    @Test func anotherPictureUnderTheSameNameIsNamed() throws {
      let (folder, own) = try copyOfTheFaces()
      let first = try SmallRun.train(folder["run"], own + ["--stop-after", "2"])
      #expect(first.status == 0, first.report)
      let picture = try trainingPicture(folder, number: 3)
      let original = try folder.bytes(picture)
      try folder.write(try folder.bytes(try trainingPicture(folder, number: 5)), to: picture)
      // However many ranks have looked at the pictures.
      for launcher in [Launcher.alone, .ranks(2)] {
        let refused = try SmallRun.train(
          folder["run"], own + ["--stop-after", "3"], launcher: launcher)
        refused.expectRefusal(
          65,
          mentions: [folder[picture], "was changed since", "step-00000002", "--accept-other-bits"])
      }
      let accepted = try SmallRun.train(
        folder["run"], own + ["--stop-after", "3", "--accept-other-bits"])
      #expect(accepted.status == 0, accepted.report)
      #expect(accepted.errors.contains("warning: going on with other pictures"), accepted.report)
      try folder.write(original, to: picture)
      let back = try SmallRun.train(
        folder["run"],
        own + ["--stop-after", "3", "--resume", folder["run/checkpoints/step-00000002"]])
      #expect(back.status == 0, back.report)
    }

    @Test func countsAndTheWayOnAreNamedWhereThereAreMorePictures() throws {
      let folder = try TemporaryFolder()
      for number in 1...24 { try copyPicture(number, to: folder) }
      let own = ["--set", "data.root=\(folder["plain"])", "--set", "data.format=folder"]
      let first = try SmallRun.train(folder["run"], own + ["--stop-after", "2"])
      #expect(first.status == 0, first.report)
      for number in 25...40 { try copyPicture(number, to: folder) }
      let refused = try SmallRun.train(folder["run"], own + ["--stop-after", "3"])
      refused.expectRefusal(
        65, mentions: ["images of other names or order, then ", "model.initial_weights", "--run"])
      let accepted = try SmallRun.train(
        folder["run"], own + ["--stop-after", "3", "--accept-other-bits"])
      #expect(accepted.status == 0, accepted.report)
    }

    @Test func aPictureThatChangesUnderARunEndsIt() throws {
      let (folder, own) = try copyOfTheFaces()
      let program = try SmallRun.begin(
        folder["run"],
        own + [
          "--set", "training.steps=400", "--set", "checkpoint.every=1",
          // Otherwise resized pictures are kept in memory, and no file is read twice.
          "--set", "data.augmentation.random_crop=true", "--set", "data.crop=60",
        ], launcher: .ranks(2))
      let picture = try trainingPicture(folder, number: 7)
      try folder.write(try folder.bytes(try trainingPicture(folder, number: 8)), to: picture)
      let outcome = try program.wait()
      #expect(outcome.status == 65, outcome.report)
      #expect(
        outcome.errors.contains(
          "\(folder[picture]): the picture was changed while the run uses it"),
        outcome.report)
    }

    private func copyOfTheFaces() throws -> (TemporaryFolder, [String]) {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.faces, to: "faces")
      return (folder, ["--set", "data.root=\(folder["faces"])"])
    }

    /// The path in the folder of a picture of the training part.
    private func trainingPicture(_ folder: TemporaryFolder, number: Int) throws -> String {
      let names = try folder.text("faces/list_eval_partition.txt").split(separator: "\n")
        .filter { $0.hasSuffix(" 0") }.map { $0.prefix { $0 != " " } }
      return "faces/img_align_celeba/\(names[number])"
    }

    private func copyPicture(_ number: Int, to folder: TemporaryFolder) throws {
      let names = try FileManager.default.contentsOfDirectory(
        atPath: "\(try SmallRun.faces)/img_align_celeba"
      ).sorted()
      try? FileManager.default.createDirectory(
        atPath: folder["plain"], withIntermediateDirectories: true)
      try folder.copy(
        "\(try SmallRun.faces)/img_align_celeba/\(names[number])", to: "plain/\(names[number])")
    }
  }
}

import Foundation
import Testing

extension CommandTests {
  /// Training on a folder of pictures that is no published data set.
  @Suite struct PlainFolderTests {
    /// A few pictures of one's own, none of which is held out: a run without scores.
    @Test func aFewPicturesAreEnough() throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder["mine"], withIntermediateDirectories: false)
      for number in 1...4 {
        try folder.copy(
          "\(SmallRun.faces)/img_align_celeba/00000\(number).jpg", to: "mine/me\(number).jpg")
      }
      let outcome = try SmallRun.train(
        folder["run"],
        ["--set", "data.root=\(folder["mine"])", "--set", "data.crop=40", "--stop-after", "6"],
        launcher: .ranks(2))
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("no image is held out"), outcome.report)
      #expect(try RunRecord(folder["run"]).metrics.count == 6)
    }
  }
}

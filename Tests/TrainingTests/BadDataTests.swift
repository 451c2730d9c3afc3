import Foundation
import Testing

extension CommandTests {
  /// Pictures and lists that cannot be used stop a run, and are named.
  @Suite struct BadDataTests {
    struct Damage: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let mentions: [String]
      let cause: @Sendable (TemporaryFolder) throws -> Void

      init(
        _ name: String, mentions: [String],
        cause: @escaping @Sendable (TemporaryFolder) throws -> Void
      ) {
        testDescription = name
        self.mentions = mentions
        self.cause = cause
      }
    }

    private static let images = "faces/img_align_celeba"

    static let damages = [
      Damage("an image is missing", mentions: ["000007.jpg", "list_eval_partition.txt"]) {
        try FileManager.default.removeItem(atPath: $0["\(images)/000007.jpg"])
      },
      Damage("an image is a text", mentions: ["000001.jpg", "neither a PNG nor a JPEG"]) {
        try $0.write("not a picture", to: "\(images)/000001.jpg")
      },
      Damage("an image ends early", mentions: ["000001.jpg", "damaged JPEG", "again"]) {
        try $0.write($0.bytes("\(images)/000001.jpg").prefix(900), to: "\(images)/000001.jpg")
      },
      Damage("an image is empty", mentions: ["000001.jpg", "is empty"]) {
        try $0.write("", to: "\(images)/000001.jpg")
      },
      Damage("an image for validation ends early", mentions: ["000049.jpg", "damaged JPEG"]) {
        try $0.write($0.bytes("\(images)/000049.jpg").prefix(900), to: "\(images)/000049.jpg")
      },
      Damage("the list is missing", mentions: ["list_eval_partition.txt", "download"]) {
        try FileManager.default.removeItem(atPath: $0["faces/list_eval_partition.txt"])
      },
      Damage("the list ends in half a line", mentions: ["list_eval_partition.txt line 60"]) {
        let list = try $0.text("faces/list_eval_partition.txt")
        try $0.write(
          list.split(separator: " ").dropLast().joined(separator: " "),
          to: "faces/list_eval_partition.txt")
      },
      Damage("all images are missing", mentions: ["img_align_celeba", "unpack"]) {
        try FileManager.default.removeItem(atPath: $0[images])
      },
    ]

    @Test(arguments: damages) func isRefused(_ damage: Damage) throws {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.faces, to: "faces")
      try damage.cause(folder)
      let before = folder.contents
      let outcome = try SmallRun.train(
        folder["run"], ["--set", "data.root=\(folder["faces"])"])
      outcome.expectRefusal(65, mentions: damage.mentions)
      #expect(folder.contents == before)
    }

    @Test func isRefusedOnceByTwoRanks() throws {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.faces, to: "faces")
      try folder.write("not a picture", to: "\(Self.images)/000001.jpg")
      let before = folder.contents
      let outcome = try SmallRun.train(
        folder["run"], ["--set", "data.root=\(folder["faces"])"], launcher: .ranks(2))
      outcome.expectRefusal(65, mentions: ["000001.jpg", "neither a PNG nor a JPEG"])
      #expect(folder.contents == before)
    }
  }
}

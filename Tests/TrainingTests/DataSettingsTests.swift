import Foundation
import Images
import Testing

extension CommandTests {
  /// Settings that choose, change and mask the training images.
  @Suite struct DataSettingsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func train(
      _ run: String, _ settings: [String], launcher: Launcher = .alone
    ) throws -> Outcome {
      try SmallRun.train(
        folder[run],
        (settings + ["perceptual.weights="]).flatMap { ["--set", $0] } + ["--stop-after", "3"],
        launcher: launcher)
    }

    /// Everything random at once, on one rank and on two, interrupted and not: the same bits.
    @Test func augmentationAndMixedMasksAreDeterministic() throws {
      let settings = [
        "data.crop=56", "data.augmentation.flip=true", "data.augmentation.random_crop=true",
        "data.augmentation.color_jitter=0.1", "data.workers=3", "masks.mixture.brush=1",
        "masks.mixture.face_parts=1", "masks.mixture.half=1", "masks.mixture.border=1",
        "masks.mixture.centre=1", "masks.mixture.mosaic=1",
      ]
      let first = try train("first", settings)
      #expect(first.status == 0, first.report)
      #expect(first.output.contains("placed by the list of landmarks"), first.report)
      let expected = try RunRecord(folder["first"])
      _ = try SmallRun.train(
        folder["ranks"],
        (settings + ["perceptual.weights="]).flatMap { ["--set", $0] } + ["--stop-after", "2"])
      let resumed = try train("ranks", settings, launcher: .ranks(2))
      #expect(resumed.status == 0, resumed.report)
      #expect(try RunRecord(folder["ranks"]).hash == expected.hash)

      // The negative control: each setting changes the bits, and is not changed on the way.
      let plain = try train("plain", Array(settings[4...]) + ["data.crop=56"])
      #expect(plain.status == 0, plain.report)
      #expect(try RunRecord(folder["plain"]).hash != expected.hash)
      try train("first", Array(settings.dropFirst(2))).expectRefusal(
        64, mentions: ["data.crop", "data.augmentation.flip"])
    }

    @Test func withoutAListFacePartsStandAtTheirCanonicalPlaces() throws {
      try folder.copy(SmallRun.faces, to: "faces")
      try FileManager.default.removeItem(atPath: folder["faces/list_landmarks_align_celeba.txt"])
      let outcome = try train(
        "run", ["data.root=\(folder["faces"])", "masks.mixture.face_parts=1"])
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("no list of landmarks, placed where"), outcome.report)
    }

    @Test func imagesAreSelectedByAttributesAndIdentity() throws {
      let smiling = try train("smiling", ["data.select=[Smiling=1]"])
      #expect(smiling.status == 0, smiling.report)
      let count = try imageCount(smiling)
      let others = try train("others", ["data.select=[Smiling=0]"])
      let otherCount = try imageCount(others)
      #expect(count > 0 && count + otherCount == 48, others.report)
      let apart = try train("apart", ["data.held_out_identities=0.2"], launcher: .ranks(2))
      #expect(apart.status == 0, apart.report)
      let apartCount = try imageCount(apart)
      #expect((20..<60).contains(apartCount))
    }

    private func imageCount(_ outcome: Outcome) throws -> Int {
      let match = try #require(outcome.output.firstMatch(of: /part train: ([0-9]+) images/))
      return try #require(Int(match.output.1))
    }

    @Test(arguments: [
      ("data.select=[Smilling=1]", Int32(64), ["Smilling", "did you mean \"Smiling\""]),
      ("data.select=[Smiling]", 64, ["data.select", "Smiling=1"]),
      ("data.select=[Smiling=1, Smiling=0]", 65, ["no image", "data.select"]),
      ("data.held_out_identities=0.7", 64, ["data.held_out_identities"]),
      ("data.augmentation.flipp=true", 64, ["nearest is data.augmentation.flip"]),
      ("masks.face_parts=[nose, ear]", 64, ["masks.face_parts", "left_eye"]),
    ])
    func whatCannotBeSelectedIsRefused(
      setting: String, status: Int32, mentions: [String]
    ) throws {
      // What only the data can tell is told once, whatever the number of ranks.
      let launcher = setting.contains("Smil") ? Launcher.ranks(2) : .alone
      try train("run", [setting], launcher: launcher).expectRefusal(status, mentions: mentions)
      #expect(!folder.contains("run"))
    }

    @Test func masksAreDrawnForPeople() throws {
      func draw(_ name: String, _ arguments: String...) throws -> Outcome {
        try Program.run(["masks", "--preview", folder[name], "--side", "32"] + arguments)
      }
      let first = try draw("a.png")
      #expect(first.status == 0, first.report)
      #expect(first.output.contains("masks.files names no folder"))
      #expect(try draw("again.png").status == 0)
      #expect(try folder.bytes("a.png") == folder.bytes("again.png"))
      let sheet = try Image(contentsOf: folder["a.png"])
      #expect(sheet.width > 8 * 32 && sheet.height > 13 * 32)
      #expect(try draw("b.png", "--seed", "5").status == 0)
      #expect(try folder.bytes("b.png") != folder.bytes("a.png"))

      try FileManager.default.createDirectory(
        atPath: folder["holes"], withIntermediateDirectories: false)
      try HoleMask(width: 9, height: 9) { row, column in row == column }.image
        .write(to: folder["holes/1.png"])
      let withFiles = try draw(
        "c.png", "--config", SmallRun.configuration, "--set", "masks.files=\(folder["holes"])")
      #expect(withFiles.status == 0 && !withFiles.output.contains("no folder"), withFiles.report)
      #expect(try Image(contentsOf: folder["c.png"]).height > sheet.height)
      try draw("d.gif").expectRefusal(65, mentions: ["d.gif", ".png"])
      try draw("e.png", "--set", "masks.brush.width=[3]").expectRefusal(
        64, mentions: ["masks.brush.width"])
    }
  }
}

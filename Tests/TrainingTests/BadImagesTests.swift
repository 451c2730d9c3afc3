import Foundation
import Images
import Testing

extension CommandTests {
  /// Images and mask pictures that cannot be used: named and refused, or left out alike by all ranks.
  @Suite struct BadImagesTests {
    private static let images = "faces/img_align_celeba"

    /// What can be wrong with an image, and a file that is.
    private static let faults: [(mention: String, bytes: [UInt8]?)] = [
      ("is empty", []),
      ("is neither a PNG nor a JPEG", Array("a text".utf8)),
      ("No such file", nil),
      ("is a damaged PNG", wrongChecksum),
      ("claims 60000 x 60000 pixels", bomb),
    ]

    /// The header of a PNG that claims 60,000 x 60,000 pixels, and no pixel.
    private static let bomb: [UInt8] =
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]
      + [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0, 0x0F, 0xB0, 0xE2, 0x15]
      + [0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54, 0x35, 0xAF, 0x06, 0x1E]
      + [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]

    private static var wrongChecksum: [UInt8] {
      var bytes = (try? Image(width: 64, height: 64, filledWith: 90).encodedAsPNG()) ?? []
      bytes[bytes.count / 2] ^= 1
      return bytes
    }

    private let folder: TemporaryFolder

    init() throws {
      folder = try TemporaryFolder()
      try folder.copy(SmallRun.faces, to: "faces")
    }

    private func train(
      _ run: String, _ settings: [String] = [], launcher: Launcher = .alone
    ) throws -> Outcome {
      let all = ["data.root=\(folder["faces"])", "perceptual.weights="] + settings
      return try SmallRun.train(
        folder[run], all.flatMap { ["--set", $0] } + ["--stop-after", "3"], launcher: launcher)
    }

    /// Puts a fault into an image of the second rank's share.
    @Test(arguments: faults.indices)
    func aBadImageStopsAllRanksBeforeTheFirstStep(fault: Int) throws {
      let (mention, bytes) = Self.faults[fault]
      guard let bytes else { return }
      try folder.write(bytes, to: "\(Self.images)/000004.jpg")
      try train("run", launcher: .ranks(2)).expectRefusal(
        65, mentions: ["000004.jpg", mention, "data.on_bad_image=skip"])
      #expect(!folder.contains("run"))
    }

    /// Without the bad images, a run is the run on a folder that never had them: the same bits on
    /// one rank and on two.
    @Test func skippingIsTrainingOnTheOthers() throws {
      for (number, fault) in Self.faults.enumerated() {
        let name = "\(Self.images)/00000\(number + 3).jpg"
        try FileManager.default.removeItem(atPath: folder[name])
        if let bytes = fault.bytes { try folder.write(bytes, to: name) }
      }
      try folder.write(
        folder.bytes("\(Self.images)/000040.jpg").prefix(1500), to: "\(Self.images)/000040.jpg")
      // One of the held-out ones.
      try folder.write("", to: "\(Self.images)/000050.jpg")

      var hashes: Set<String> = []
      for ranks in [1, 2] {
        let outcome = try train(
          "skip\(ranks)", ["data.on_bad_image=skip"], launcher: .ranks(ranks))
        #expect(outcome.status == 0, outcome.report)
        for (number, fault) in Self.faults.enumerated() {
          #expect(
            outcome.output.contains("00000\(number + 3).jpg")
              && outcome.output.contains(fault.mention), outcome.report)
        }
        #expect(outcome.output.contains("left out 6 of 48 images"), outcome.report)
        #expect(outcome.output.contains("left out 1 of 6 images"), outcome.report)
        let record = try RunRecord(folder["skip\(ranks)"])
        #expect(record.metrics.allSatisfy { $0.contains("\"skipped_images\": 7") })
        hashes.insert(record.hash)
      }

      for list in ["list_eval_partition.txt"] {
        let bad = (3...7).map { "00000\($0).jpg" } + ["000040.jpg", "000050.jpg"]
        let kept = try folder.text("faces/\(list)").split(separator: "\n")
          .filter { line in !bad.contains { line.hasPrefix($0) } }
        try folder.write(kept.joined(separator: "\n"), to: "faces/\(list)")
      }
      let trimmed = try train("trimmed")
      #expect(trimmed.status == 0, trimmed.report)
      hashes.insert(try RunRecord(folder["trimmed"]).hash)
      #expect(hashes.count == 1)
    }

    @Test func skippingEverythingIsRefused() throws {
      for number in 1...48 {
        try folder.write("", to: "\(Self.images)/0000\(number < 10 ? "0" : "")\(number).jpg")
      }
      try train("run", ["data.on_bad_image=skip"], launcher: .ranks(2)).expectRefusal(
        65, mentions: ["000001.jpg", "47 others", "nothing is left"])
    }

    /// An image that goes bad after the start stops the run where it is used, on every rank.
    @Test func anImageThatGoesBadLaterIsNamed() throws {
      // Whole in outline, damaged inside: only decoding tells.
      let name = "\(Self.images)/000004.jpg"
      var bytes = Array(try folder.bytes(name))
      let middle = bytes.count / 2
      bytes.replaceSubrange(middle..<middle + 8, with: [0xFF, 0xD8, 0xFF, 0xC0, 0, 1, 0xFF, 0xDA])
      for number in 2...48 {
        let path = "\(Self.images)/0000\(number < 10 ? "0" : "")\(number).jpg"
        if number % 2 == 0 { try folder.write(bytes, to: path) }
      }
      let outcome = try train("run", launcher: .ranks(2))
      outcome.expectRefusal(65, mentions: [".jpg", "damaged JPEG"])
    }

    @Test func maskPicturesThatNothingDrawsAreRefused() throws {
      try train("run", ["masks.files=\(folder["holes"])"])
        .expectRefusal(64, mentions: ["masks.files", "masks.mixture.files is 0"])
    }

    @Test func maskPicturesAreCheckedLikeImages() throws {
      let area = HoleMask(width: 40, height: 40) { row, column in row > 10 && column < 20 }
      try FileManager.default.createDirectory(
        atPath: folder["holes"], withIntermediateDirectories: false)
      // Of another size than the training's, which is no fault.
      try area.image.write(to: folder["holes/a.png"])
      let settings = [
        "masks.mixture.files=1", "masks.mixture.rectangle=0", "masks.files=\(folder["holes"])",
        "masks.flip_files=true",
      ]
      let good = try train("good", settings)
      #expect(good.status == 0, good.report)

      try Image(width: 8, height: 8, filledWith: 9).write(to: folder["holes/black.png"])
      try folder.write(folder.bytes("holes/a.png").dropLast(9), to: "holes/cut.png")
      try train("bad", settings, launcher: .ranks(2)).expectRefusal(
        65, mentions: ["holes/black.png", "no white pixel", "1 others"])
      let skipping = try train("skip", settings + ["data.on_bad_image=skip"], launcher: .ranks(2))
      #expect(skipping.status == 0, skipping.report)
      #expect(skipping.output.contains("left out 2 of 3 mask pictures"), skipping.report)
      #expect(try RunRecord(folder["skip"]).hash == RunRecord(folder["good"]).hash)
    }
  }
}

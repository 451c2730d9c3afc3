import Foundation
import Images
import TensorCore
import Testing

extension CommandTests {
  /// `inpaint fill` on photographs as people have them: every value outside of the holes stays.
  @Suite struct OddPhotographsTests {
    private static let fixtures = (0..<2)
      .reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
      .appendingPathComponent("Fixtures").path
    private static let weights = "\(fixtures)/weights/generator.safetensors"

    private func fill(_ arguments: [String]) throws -> Outcome {
      try Program.run(["fill", "--weights", Self.weights] + arguments)
    }

    private func noise(_ width: Int, _ height: Int, channels: Int, seed: UInt64) -> Image {
      var random = CounterBasedRandom(seed: seed, purpose: .test)
      let pixels = (0..<width * height * channels).map { _ in UInt8(random.nextWord() >> 24) }
      return Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    private func deepNoise(_ width: Int, _ height: Int, channels: Int) -> DeepImage {
      var random = CounterBasedRandom(seed: 9, purpose: .test)
      let samples = (0..<width * height * channels).map { _ in UInt16(random.nextWord() >> 16) }
      return DeepImage(width: width, height: height, channels: channels, samples: samples)
    }

    /// Two holes, one of them at the border.
    private func drawing(_ width: Int, _ height: Int) -> Image {
      var drawing = Image(width: width, height: height, channels: 1)
      for row in 0..<height {
        for column in 0..<width {
          let isFirst = row < height / 4 && column < width / 3
          let isSecond =
            (height / 2..<height * 3 / 4).contains(row) && (width / 2..<width).contains(column)
          if isFirst || isSecond { drawing.pixels[row * width + column] = 255 }
        }
      }
      return drawing
    }

    @Test(arguments: ["auto", "hole"])
    func aFolderOfThemIsFilledWithoutAWrongPixel(region: String) throws {
      let folder = try TemporaryFolder()
      for part in ["in", "masks"] {
        try FileManager.default.createDirectory(
          atPath: folder[part], withIntermediateDirectories: false)
      }
      try noise(37, 53, channels: 1, seed: 1).write(to: folder["in/grey.png"])
      try noise(61, 35, channels: 4, seed: 2).write(to: folder["in/alpha.png"])
      try noise(33, 70, channels: 3, seed: 3).write(to: folder["in/portrait.jpg"])
      try noise(341, 9, channels: 3, seed: 4).write(to: folder["in/wide.png"])
      try noise(2, 3, channels: 3, seed: 5).write(to: folder["in/tiny.png"])
      for channels in 1...4 {
        try deepNoise(30 + channels, 41, channels: channels)
          .writePNG(to: folder["in/deep\(channels).png"])
      }
      for number in 5...8 {
        try folder.copy(
          "\(Self.fixtures)/images/formats/orientation-\(number).jpg", to: "in/exif\(number).jpg")
      }
      let names = try folder.names(in: "in")
      var drawings: [String: Image] = [:]
      for name in names {
        let picture = try Image(contentsOf: folder["in/\(name)"])
        let stem = (name as NSString).deletingPathExtension
        drawings[stem] =
          name == "tiny.png"
          ? Image(width: 2, height: 3, channels: 1, filledWith: 255)
          : drawing(picture.width, picture.height)
        try drawings[stem]?.write(to: folder["masks/\(stem).png"])
      }

      let outcome = try fill([
        "--image", folder["in"], "--mask", folder["masks"], "--output", folder["out"],
        "--region", region,
      ])
      #expect(outcome.status == 0, outcome.report)
      #expect(try folder.names(in: "out").count == names.count)
      #expect(outcome.output.contains("\(names.count)/\(names.count) "), outcome.report)

      for name in names {
        let stem = (name as NSString).deletingPathExtension
        let drawing = try #require(drawings[stem])
        let (source, result) = (folder["in/\(name)"], folder["out/\(stem).png"])
        let (before, after) = (
          try Image(contentsOf: source, channels: .asStored),
          try Image(contentsOf: result, channels: .asStored)
        )
        try expectKnownValuesEqual(
          after.pixels, before.pixels, channels: (after.channels, before.channels), drawing, name)
        #expect(after.width == before.width && after.height == before.height)
        let deepBefore = try DeepImage(decoding: imageFileContents(source), name: name)
        let deepAfter = try DeepImage(decoding: imageFileContents(result), name: name)
        #expect((deepAfter == nil) == (deepBefore == nil), "\(name)")
        if let deepBefore, let deepAfter {
          try expectKnownValuesEqual(
            deepAfter.samples, deepBefore.samples,
            channels: (deepAfter.channels, deepBefore.channels), drawing, name)
        }
      }
    }

    private func expectKnownValuesEqual<Value: Equatable>(
      _ after: [Value], _ before: [Value], channels: (Int, Int), _ drawing: Image, _ name: String
    ) throws {
      try #require(after.count == before.count && channels.0 == channels.1, "\(name)")
      var changed = 0
      for index in after.indices {
        if drawing.pixels[index / channels.0] == 0 {
          try #require(after[index] == before[index], "\(name): value \(index)")
        } else if after[index] != before[index] {
          changed += 1
        }
      }
      #expect(changed > 0, "\(name): the hole is as it was")
    }

    @Test func transparentPixelsAndColoursMarkHoles() throws {
      let folder = try TemporaryFolder()
      let (width, height) = (40, 44)
      let drawing = drawing(width, height)
      var cut = noise(width, height, channels: 4, seed: 6)
      var painted = noise(width, height, channels: 3, seed: 7)
      for pixel in drawing.pixels.indices {
        cut.pixels[pixel * 4 + 3] = drawing.pixels[pixel] == 255 ? 0 : 200
        guard drawing.pixels[pixel] == 255 else { continue }
        painted.pixels.replaceSubrange(pixel * 3..<pixel * 3 + 3, with: [255, 3, 254])
      }
      try cut.write(to: folder["cut.png"])
      try painted.write(to: folder["painted.png"])
      for (name, mask) in [("cut", "alpha"), ("painted", "#ff00ff")] {
        let outcome = try fill([
          "--image", folder["\(name).png"], "--mask", mask, "--tolerance", "3",
          "--output", folder["\(name).filled.png"],
        ])
        #expect(outcome.status == 0, outcome.report)
      }
      let filledCut = try Image(contentsOf: folder["cut.filled.png"], channels: .asStored)
      try expectKnownValuesEqual(
        filledCut.pixels, cut.pixels, channels: (filledCut.channels, 4), drawing, "cut")
      let isOpaque = drawing.pixels.indices.allSatisfy {
        filledCut.pixels[$0 * 4 + 3] == (drawing.pixels[$0] == 255 ? 255 : 200)
      }
      #expect(isOpaque)
      let filledPainted = try Image(contentsOf: folder["painted.filled.png"], channels: .asStored)
      try expectKnownValuesEqual(
        filledPainted.pixels, painted.pixels, channels: (filledPainted.channels, 3), drawing,
        "painted")

      try fill([
        "--image", folder["painted.png"], "--mask", "alpha", "--output", folder["a.png"],
      ]).expectRefusal(65, mentions: ["painted.png", "no transparent pixels"])
      try fill([
        "--image", folder["painted.png"], "--mask", "#ff00ff", "--output", folder["a.png"],
      ]).expectRefusal(65, mentions: ["painted.png", "--tolerance"])
    }

    @Test func comparesInputMaskAndResult() throws {
      let folder = try TemporaryFolder()
      let picture = noise(24, 20, channels: 3, seed: 8)
      let drawing = drawing(24, 20)
      try picture.write(to: folder["a.png"])
      try drawing.write(to: folder["mask.png"])
      let arguments = ["--image", folder["a.png"], "--mask", folder["mask.png"], "--output"]
      #expect(try fill(arguments + [folder["filled.png"]]).status == 0)
      #expect(try fill(arguments + [folder["sheet.png"], "--compare"]).status == 0)
      let expected = Image(sideBySide: [
        picture, drawing.convertedToRGB(), try Image(contentsOf: folder["filled.png"]),
      ])
      #expect(try Image(contentsOf: folder["sheet.png"]) == expected)
    }

    /// Only what lies round the hole is looked at where the whole picture does not fit into memory.
    @Test func aLargePictureIsFilledRoundItsHoles() throws {
      let folder = try TemporaryFolder()
      let picture = noise(700, 600, channels: 3, seed: 9)
      var drawing = Image(width: 700, height: 600, channels: 1)
      for (row, column) in [(100, 120), (105, 130), (580, 690)] {
        drawing.pixels[row * 700 + column] = 255
      }
      try picture.write(to: folder["a.png"])
      try drawing.write(to: folder["mask.png"])
      let arguments = ["--image", folder["a.png"], "--mask", folder["mask.png"], "--output"]
      let automatic = try fill(arguments + [folder["auto.png"], "--memory", "0.05"])
      #expect(automatic.status == 0, automatic.report)
      #expect(automatic.output.contains("2 regions round the holes"), automatic.report)
      #expect(try fill(arguments + [folder["hole.png"], "--region", "hole"]).status == 0)
      #expect(try folder.bytes("auto.png") == folder.bytes("hole.png"))
      try expectKnownValuesEqual(
        try Image(contentsOf: folder["auto.png"]).pixels, picture.pixels, channels: (3, 3),
        drawing, "regions")
      try fill(arguments + [folder["b.png"], "--memory", "0.05", "--region", "whole"])
        .expectRefusal(65, mentions: ["a.png", "700x600", "MiB", "--region hole"])
      try fill(arguments + [folder["b.png"], "--memory", "0.001"])
        .expectRefusal(65, mentions: ["256x256", "MiB", "--side"])
    }

    @Test func aDamagedPictureDoesNotStopTheOthers() throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder["in"], withIntermediateDirectories: false)
      for name in ["a", "c"] {
        try noise(16, 16, channels: 3, seed: 10).write(to: folder["in/\(name).png"])
      }
      try folder.write("no picture", to: "in/b.png")
      let outcome = try fill([
        "--image", folder["in"], "--mask", "center", "--output", folder["out"],
      ])
      outcome.expectRefusal(65, mentions: ["1 of 3 pictures", "in/b.png"])
      #expect(try folder.names(in: "out") == ["a.png", "c.png"])
    }

    @Test func namesOfOtherFormatsAreNotMadeFolders() throws {
      let folder = try TemporaryFolder()
      try noise(16, 16, channels: 3, seed: 11).write(to: folder["a.png"])
      let arguments = ["--image", folder["a.png"], "--mask", "center", "--output"]
      try fill(arguments + [folder["x.tiff"]])
        .expectRefusal(64, mentions: ["x.tiff", ".png, .jpg or .jpeg"])
      try fill(["--image", folder.path, "--mask", "center", "--output", folder["x.png"]])
        .expectRefusal(64, mentions: ["x.png", "folder"])
      #expect(folder.contents.count == 1)
      #expect(try fill(arguments + [folder["x.d/"], "--format", "jpeg"]).status == 0)
      #expect(try folder.names(in: "x.d") == ["a.jpg"])
    }
  }
}

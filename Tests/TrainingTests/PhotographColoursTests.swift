import Foundation
import Images
import TensorCore
import Testing

extension CommandTests {
  /// `inpaint fill` on photographs with colours of their own, and with masks and places that could be
  /// misunderstood.
  @Suite struct PhotographColoursTests {
    private static let fixtures = (0..<2)
      .reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
      .appendingPathComponent("Fixtures").path
    private static let odd = "\(fixtures)/images/odd"

    private func fill(_ arguments: [String]) throws -> Outcome {
      try Program.run(
        ["fill", "--weights", "\(Self.fixtures)/weights/generator.safetensors"] + arguments)
    }

    private func noise(_ width: Int, _ height: Int, channels: Int) -> Image {
      var random = CounterBasedRandom(seed: 5, purpose: .test)
      let pixels = (0..<width * height * channels).map { _ in UInt8(random.nextWord() >> 24) }
      return Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    /// What is known keeps its values and its meaning; what is painted looks as if the photograph had
    /// been sRGB.
    @Test(arguments: ["p3.png", "wide.png", "grey.png", "gamma.png", "chroma.png", "full.png"])
    func knownPixelsKeepTheirMeaning(name: String) throws {
      let folder = try TemporaryFolder()
      let source = "\(Self.odd)/\(name)"
      let seen = try Image(contentsOf: source, colors: .sRGB)
      try seen.write(to: folder["seen.png"])
      for (image, output) in [(source, "own.png"), (folder["seen.png"], "srgb.png")] {
        // A membrane leads to saturated colours, whose dark channels lose more when they are converted.
        let outcome = try fill([
          "--image", image, "--mask", "center", "--output", folder[output], "--blend", "none",
        ])
        #expect(outcome.status == 0, outcome.report)
      }
      let (before, after) = (
        try Image(contentsOf: source, channels: .asStored),
        try Image(contentsOf: folder["own.png"], channels: .asStored)
      )
      #expect(after.channels == before.channels && after.width == before.width)
      let (bytes, result) = (
        try imageFileContents(source), try imageFileContents(folder["own.png"])
      )
      #expect(
        ColorProfile(of: result, format: .png) == ColorProfile(of: bytes, format: .png))
      let metadata = PictureMetadata(of: bytes, format: .png)
      #expect(PictureMetadata(of: result, format: .png) == metadata)
      let (own, reference) = (
        try Image(contentsOf: folder["own.png"], colors: .sRGB),
        try Image(contentsOf: folder["srgb.png"])
      )
      var largest = 0
      let (width, height) = (after.width, after.height)
      for row in 0..<height {
        for column in 0..<width {
          let pixel = row * width + column
          let isHole =
            (height / 4..<height / 4 + height / 2).contains(row)
            && (width / 4..<width / 4 + width / 2).contains(column)
          for channel in 0..<after.channels where !isHole {
            let index = pixel * after.channels + channel
            try #require(after.pixels[index] == before.pixels[index], "\(row), \(column)")
          }
          guard isHole, before.channels == 3 else { continue }
          for channel in 0..<3 {
            let index = 3 * pixel + channel
            largest = max(largest, abs(Int(own.pixels[index]) - Int(reference.pixels[index])))
          }
        }
      }
      // Steps of dark values are coarse where light is stored in proportion.
      #expect(largest <= (name == "gamma.png" ? 13 : 3), "painted colours differ by \(largest)")
    }

    /// 16 bits stay through --crop and --side.
    @Test func depthSurvivesCropAndSide() throws {
      let folder = try TemporaryFolder()
      let source = "\(Self.odd)/deep.png"
      let outcome = try fill([
        "--image", source, "--mask", "center", "--crop", "28", "--side", "16", "--output",
        folder["a.png"],
      ])
      #expect(outcome.status == 0, outcome.report)
      let before = try #require(try DeepImage(decoding: imageFileContents(source), name: "a"))
        .centreSquare(maximumSide: 28).resized(width: 16, height: 16)
      let after = try #require(
        try DeepImage(decoding: imageFileContents(folder["a.png"]), name: "b"))
      #expect(after.width == 16 && after.samples[0] == before.samples[0])
      let known = (0..<256).filter { !((4..<12).contains($0 / 16) && (4..<12).contains($0 % 16)) }
      #expect(known.allSatisfy { after.samples[$0] == before.samples[$0] })
      try fill(["--image", source, "--mask", "center", "--crop", "31", "--output", folder["b.png"]])
        .expectRefusal(65, mentions: ["deep.png", "40x30", "--crop 31", "at most 30"])
    }

    @Test func masksThatCouldBeMisunderstoodAreRefusedOrTold() throws {
      let folder = try TemporaryFolder()
      try noise(24, 20, channels: 3).write(to: folder["a.png"])
      var mask = Image(width: 24, height: 20, channels: 4, filledWith: 255)
      for pixel in 24..<480 { mask.pixels[4 * pixel + 3] = 0 }
      try mask.write(to: folder["alpha.png"])
      let arguments = ["--image", folder["a.png"], "--mask"]
      #expect(
        try fill(arguments + [folder["alpha.png"], "--output", folder["b.png"]]).status == 0)
      let (before, after) = (
        try Image(contentsOf: folder["a.png"]), try Image(contentsOf: folder["b.png"])
      )
      #expect(after.pixels[72...] == before.pixels[72...] && after != before)

      for pixel in 0..<24 { mask.pixels[4 * pixel] = 0 }
      for pixel in 0..<24 { mask.pixels[4 * pixel + 1] = 0 }
      try mask.write(to: folder["two.png"])
      try fill(arguments + [folder["two.png"], "--output", folder["c.png"]])
        .expectRefusal(65, mentions: ["two.png", "transparency"])
      try Image(width: 24, height: 20, channels: 1, filledWith: 255).write(to: folder["all.png"])
      let all = try fill(arguments + [folder["all.png"], "--output", folder["d.png"]])
      #expect(all.status == 0 && all.output.contains("covers the whole picture"), all.report)
      var dot = Image(width: 24, height: 20, channels: 1)
      dot.pixels[0] = 255
      try dot.write(to: folder["dot.png"])
      try fill(arguments + [folder["dot.png"], "--crop", "8", "--output", folder["e.png"]])
        .expectRefusal(65, mentions: ["dot.png", "nothing is left", "--crop"])
    }

    /// A JPEG has changed the colour that was painted.
    @Test func aColourKeyThatMissesMostOfAHoleIsRefused() throws {
      let folder = try TemporaryFolder()
      var picture = noise(48, 48, channels: 3)
      for pixel in picture.pixels.indices { picture.pixels[pixel] /= 2 }
      for row in 11..<37 {
        for column in 11..<37 {
          let pixel = 3 * (row * 48 + column)
          picture.pixels.replaceSubrange(pixel..<pixel + 3, with: [255, 0, 255])
        }
      }
      try picture.write(to: folder["a.jpg"], jpegQuality: 80)
      let arguments = [
        "--image", folder["a.jpg"], "--mask", "#ff00ff", "--output", folder["b.png"],
      ]
      try fill(arguments).expectRefusal(65, mentions: ["a.jpg", "give --tolerance"])
      #expect(try fill(arguments + ["--tolerance", "48"]).status == 0)
    }

    @Test func nothingIsReplacedUnasked() throws {
      let folder = try TemporaryFolder()
      try noise(16, 16, channels: 4).write(to: folder["a.png"])
      try folder.write("something else", to: "b.jpg")
      let arguments = ["--image", folder["a.png"], "--mask", "center", "--output", folder["b.jpg"]]
      try fill(arguments).expectRefusal(64, mentions: ["b.jpg", "is there already", "--overwrite"])
      #expect(try folder.text("b.jpg") == "something else")
      let outcome = try fill(arguments + ["--overwrite"])
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("without its transparency"), outcome.report)
    }

    /// Subfolders, other extensions, masks whose names are written differently.
    @Test func aFolderAsPeopleHaveIt() throws {
      let folder = try TemporaryFolder()
      for part in ["in/inner", "masks"] {
        try FileManager.default.createDirectory(
          atPath: folder[part], withIntermediateDirectories: true)
      }
      try folder.copy("\(Self.odd)/plain.jpg", to: "in/a.jfif")
      try folder.copy("\(Self.odd)/lossless.webp", to: "in/inner/b.webp")
      try folder.copy("\(Self.odd)/p3.tif", to: "in/\u{E9}.tif")
      try folder.write("text", to: "in/notes.txt")
      var mask = Image(width: 40, height: 30, channels: 1)
      for pixel in 400..<700 { mask.pixels[pixel] = 255 }
      for name in ["a", "b", "e\u{301}"] { try mask.write(to: folder["masks/\(name).png"]) }
      let outcome = try fill([
        "--image", folder["in"], "--mask", folder["masks"], "--output", folder["out"],
      ])
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("left out no picture: 1 (notes.txt)"), outcome.report)
      #expect(folder.contains("out/a.png") && folder.contains("out/inner/b.png"))
      try mask.write(to: folder["masks/a.jpg"])
      try fill(["--image", folder["in"], "--mask", folder["masks"], "--output", folder["out2"]])
        .expectRefusal(65, mentions: ["a.jpg and a.png", "both masks of a.jfif"])
    }
  }
}

import Images
import Testing

/// Pictures as cameras and programs leave them, beside what Pillow and Little CMS made of them.
@Suite struct OddPicturesTests {
  private static let names = fixtureNames(in: "odd", suffix: ".rgb.png")
    .map { String($0.dropLast(".rgb.png".count)) }
  private static let coloured = fixtureNames(in: "odd", suffix: ".srgb.png")
    .map { String($0.dropLast(".srgb.png".count)) }

  @Test func fixturesWereFound() {
    #expect(Self.names.count >= 28 && Self.coloured.count >= 10)
  }

  /// What breaks a rule but loses no pixel is read; orientation is found wherever it is stored.
  @Test(arguments: names)
  func pixelsEqualPillows(name: String) throws {
    let expected = try Image(contentsOf: fixtures + "odd/\(name).rgb.png")
    let found = try Image(contentsOf: fixtures + "odd/\(name)")
    #expect((found.width, found.height) == (expected.width, expected.height))
    #expect(largestDifference(found, expected) == 0)
  }

  /// Little CMS rounds differently at 8 bits after optimising, by one at most; for colours that a PNG
  /// describes, the expected profile has its curve in steps of 1/256.
  @Test(arguments: coloured)
  func coloursEqualLittleCMS(name: String) throws {
    let expected = try Image(contentsOf: fixtures + "odd/\(name).srgb.png")
    let found = try Image(contentsOf: fixtures + "odd/\(name)", colors: .sRGB)
    #expect(largestDifference(found, expected) <= (name == "chroma.png" ? 3 : 1))
    let stored = try Image(contentsOf: fixtures + "odd/\(name)")
    #expect(largestDifference(stored, expected) > 5, "the profile changes nothing")
  }

  @Test(arguments: ["plain.jpg", "srgb-chunk.png", "lossless.webp"])
  func withoutColoursOfItsOwnAPictureIsSRGB(name: String) throws {
    let stored = try Image(contentsOf: fixtures + "odd/\(name)")
    #expect(try Image(contentsOf: fixtures + "odd/\(name)", colors: .sRGB) == stored)
  }

  @Test(arguments: fixtureNames(in: "odd/damaged", suffix: ".jpg"))
  func lostPixelsAreDamage(name: String) throws {
    let bytes = try fixtureBytes("odd/damaged/\(name)")
    #expect(throws: ImageError.self) { try Image(decoding: bytes, name: name) }
  }

  /// Only the last marker is missing.
  @Test func noPixelIsLostWithTheLastMarker() throws {
    let bytes = try fixtureBytes("odd/plain.jpg")
    let cut = try Image(decoding: Array(bytes.dropLast(2)), name: "cut")
    #expect(try cut == Image(decoding: bytes, name: "whole"))
  }

  @Test(arguments: ["alpha.webp", "alpha.tif"])
  func alphaIsStraight(name: String) throws {
    let found = try Image(contentsOf: fixtures + "odd/\(name)", channels: .asStored)
    #expect(try found == Image(contentsOf: fixtures + "odd/alpha.rgba.png", channels: .asStored))
  }

  /// libtiff takes a file that names an extra sample which its pixels do not have.
  @Test func samplesThatATIFFDoesNotHaveAreNotRead() throws {
    let entries: [(tag: UInt8, type: UInt8, value: UInt8)] = [
      (0, 3, 4), (1, 3, 1), (2, 3, 8), (3, 3, 1), (6, 3, 2), (17, 4, 8), (21, 3, 3), (23, 4, 12),
      (82, 3, 2),
    ]
    let pixels = (1...12).map { UInt8(20 * $0) }
    // The directory follows the pixels; all tags are 256 and above.
    let bytes: [UInt8] =
      [0x49, 0x49, 42, 0, 20, 0, 0, 0] + pixels + [UInt8(entries.count), 0]
      + entries.flatMap { [$0.tag, 1, $0.type, 0, 1, 0, 0, 0, $0.value, 0, 0, 0] } + [0, 0, 0, 0]
    let found = try Image(decoding: bytes, name: "extra.tif", channels: .asStored)
    #expect(found == Image(width: 4, height: 1, channels: 3, pixels: pixels))
  }

  @Test func sixteenBitsOfATIFF() throws {
    let tiff = try #require(try DeepImage(decoding: fixtureBytes("odd/deep.tif"), name: "tiff"))
    let png = try #require(try DeepImage(decoding: fixtureBytes("odd/deep.png"), name: "png"))
    #expect(tiff == png)
    #expect(try Image(contentsOf: fixtures + "odd/deep.tif", channels: .asStored) == png.eightBits)
  }

  /// Pillow resizes 16 bits with real numbers; ours are its coefficients with 22 binary digits.
  @Test func sixteenBitsAreResizedAsByPillow() throws {
    let deep = try #require(try DeepImage(decoding: fixtureBytes("odd/deep.png"), name: "a"))
    let expected = try #require(
      try DeepImage(decoding: fixtureBytes("odd/deep.17x11.png"), name: "b"))
    let found = deep.resized(width: 17, height: 11)
    #expect((found.width, found.height) == (17, 11))
    let largest = zip(found.samples, expected.samples).map { abs(Int($0) - Int($1)) }.max()
    #expect(largest ?? 99 <= 1)
  }

  @Test(
    arguments: [
      ("HEIC", "\0\0\0\u{18}ftypheic\0\0\0\0mif1heic"), ("AVIF", "\0\0\0\u{1C}ftypavif\0\0\0\0"),
      ("GIF", "GIF89a......"),
    ])
  func otherFormatsAreNamed(title: String, start: String) {
    #expect(throws: ImageError("a.jpg", .foreignFormat(title))) {
      try Image(decoding: Array(start.utf8), name: "a.jpg")
    }
  }

  private func largestDifference(_ one: Image, _ other: Image) -> Int {
    guard one.pixels.count == other.pixels.count else { return 999 }
    return zip(one.pixels, other.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 999
  }
}

/// What goes with the pixels into another file.
@Suite struct PictureMetadataTests {
  private func metadata(_ name: String) throws -> PictureMetadata {
    let bytes = try fixtureBytes("odd/\(name)")
    return PictureMetadata(of: bytes, format: try ImageHeader(of: bytes, name: name).format)
  }

  @Test(arguments: ["full.jpg", "full.png"], ["jpg", "png"])
  func everythingArrives(name: String, kind: String) throws {
    let before = try metadata(name)
    try withTemporaryFolder { folder in
      let image = Image(width: 5, height: 4, filledWith: 7)
      try image.write(to: folder + "a.\(kind)", metadata: before)
      let bytes = try imageFileContents(folder + "a.\(kind)")
      let format = try ImageHeader(of: bytes, name: "a").format
      let after = PictureMetadata(of: bytes, format: format)
      #expect(after.profile == before.profile && before.profile != nil)
      #expect(after.exif == before.exif && before.exif != nil)
      #expect(after.texts == before.texts && before.texts.count == 1)
      let resolution = try #require(after.resolution)
      #expect(abs(resolution.columns * 0.0254 - 300) < 0.6)
      #expect(abs(resolution.rows * 0.0254 - 200) < 0.6)
      // The picture was turned before, so it must not be turned again.
      #expect(try Image(decoding: bytes, name: "a", channels: .asStored).width == 5)
      #expect(ExifOrientation(of: bytes, format: format) == .upright)
    }
  }

  /// Colours that a PNG describes by numbers become a profile in a JPEG.
  @Test func describedColoursBecomeAProfile() throws {
    let before = try metadata("chroma.png")
    try withTemporaryFolder { folder in
      let image = try Image(contentsOf: fixtures + "odd/chroma.png")
      let expected = try Image(contentsOf: fixtures + "odd/chroma.png", colors: .sRGB)
      for kind in ["jpg", "png"] {
        try image.write(to: folder + "a.\(kind)", metadata: before, jpegQuality: 100)
        let found = try Image(contentsOf: folder + "a.\(kind)", colors: .sRGB)
        let mean =
          zip(found.pixels, expected.pixels).map { abs(Double($0) - Double($1)) }.reduce(0, +)
          / Double(expected.pixels.count)
        #expect(mean < 2, "\(kind)")
      }
    }
  }

  @Test func paintIsTurnedIntoTheProfilesColours() throws {
    let bytes = try fixtureBytes("odd/p3.png")
    let profile = try #require(ColorProfile(of: bytes, format: .png))
    // Colours that both spaces have come back as they were.
    let seen = Image(
      width: 27, height: 1,
      pixels: [60, 120, 180].flatMap { r in
        [60, 120, 180].flatMap { g in [60, 120, 180].flatMap { b in [UInt8(r), g, b] } }
      })
    let values = seen.values(in: profile, colors: .rgb, as: UInt8.self)
    #expect(values != seen.pixels)
    let back = Image(width: 27, height: 1, pixels: values).convertedToSRGB(from: profile)
    #expect(zip(back.pixels, seen.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    let deep = DeepImage(
      width: 27, height: 1, channels: 3,
      samples: seen.values(in: profile, colors: .rgb, as: UInt16.self))
    #expect(
      zip(deep.convertedToSRGB(from: profile).pixels, seen.pixels)
        .allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    #expect(deep.samples.contains { $0 % 257 != 0 })
  }
}

@Suite struct MaskReadingTests {
  private func mask(_ pixels: [UInt8], channels: Int) throws -> [UInt8] {
    let image = Image(width: pixels.count / channels, height: 1, channels: channels, pixels: pixels)
    return try Image(maskDecoding: image.encodedAsPNG(), name: "mask.png").pixels
  }

  @Test func aHoleMayBeInAlpha() throws {
    #expect(try mask([255, 255, 255, 255, 255, 255, 255, 0], channels: 4) == [255, 0])
    // White strokes on a transparent layer.
    #expect(try mask([255, 255, 255, 255, 0, 0, 0, 0], channels: 4) == [255, 0])
    #expect(try mask([255, 255, 255, 255, 0, 0, 0, 255], channels: 4) == [255, 0])
  }

  @Test func whatIsAmbiguousIsRefused() {
    #expect(throws: ImageError("mask.png", .ambiguousAlpha)) {
      try mask([255, 255, 255, 0, 0, 0, 0, 255], channels: 4)
    }
  }

  @Test func aHoleThatIsLostInResizingIsTold() throws {
    var drawing = Image(width: 400, height: 400, channels: 1)
    drawing.pixels[5] = 255
    #expect(throws: ImageError("m.png", .holeLost(width: 10, height: 10))) {
      try HoleMask(drawing: drawing, name: "m.png", width: 10, height: 10)
    }
  }
}

@Suite struct PictureFolderTests {
  /// Content decides what has no known extension; what is left out is counted and named.
  @Test func contentDecides() throws {
    try withTemporaryFolder { folder in
      let png = try Image(width: 2, height: 2).encodedAsPNG()
      try write(png, folder + "none")
      try write(png, folder + "b.jfif")
      try write(png, folder + "c.heic")
      try write(Array("\0\0\0\u{18}ftypheic\0\0\0\0".utf8), folder + "d.heic")
      try write(Array("text".utf8), folder + "e.txt")
      try write(Array("text".utf8), folder + "f")
      try makeFolder(folder + "inner")
      try makeFolder(folder + "empty.jpg")
      try write(png, folder + "inner/a.PNG")
      try makePipe(folder + "pipe.jpg")
      try write(png, folder + ".hidden.png")
      let found = try PictureFolder(folder)
      #expect(found.names == ["b.jfif", "c.heic", "inner/a.PNG", "none"])
      let description = found.skipped.description
      for part in [
        "HEIC: 1 (d.heic)", "no picture: 2 (such as ", "folder named like a picture: 1 (empty.jpg)",
        "pipe, socket or device: 1 (pipe.jpg)",
      ] {
        #expect(description.contains(part), Comment(rawValue: description))
      }
    }
  }
}

import Foundation
import Images
import Testing

@Suite struct DecodingTests {
  @Test(arguments: 0..<4)
  func photosEqualPillow(photo: Int) throws {
    let decoded = try Image(contentsOf: fixtures + "photo\(photo).jpg")
    let expected = try Image(contentsOf: fixtures + "photo\(photo).decoded.png")
    #expect(decoded == expected)
  }

  /// Every colour type, depth and interlacing of PNG; JPEG subsampling, grey, CMYK and orientation.
  @Test(
    arguments: fixtureNames(in: "formats", suffix: "g").filter {
      !$0.hasSuffix(".rgba.png") && !$0.hasPrefix("resize")
    })
  func variantsEqualPillow(name: String) throws {
    let stem = String(name.dropLast(4))
    let expected = try Image(
      contentsOf: fixtures + "formats/\(stem).rgba.png", channels: .asStored)
    #expect(expected.channels == 4)
    let path = fixtures + "formats/" + name
    let withAlpha = try Image(contentsOf: path, channels: .rgba)
    #expect(withAlpha == expected, Comment(rawValue: name))
    #expect(try Image(contentsOf: path) == expected.convertedToRGB())
    #expect(try Image(contentsOf: path, channels: .grey) == expected.convertedToGrey())
  }

  @Test func variantsWereFound() {
    #expect(fixtureNames(in: "formats", suffix: ".rgba.png").count >= 40)
  }

  @Test func greyStaysGrey() throws {
    let png = try Image(contentsOf: fixtures + "formats/color0-4.png", channels: .asStored)
    let jpeg = try Image(contentsOf: fixtures + "formats/jpeg-grey.jpg", channels: .asStored)
    #expect(png.channels == 1 && jpeg.channels == 1)
    let alpha = try Image(contentsOf: fixtures + "formats/color4-8.png", channels: .asStored)
    #expect(alpha.channels == 4)
    #expect(png.alpha() == nil && alpha.alpha()?.channels == 1)
  }

  @Test func storedOrientationOnRequest() throws {
    let bytes = try fixtureBytes("formats/orientation-6.jpg")
    let upright = try Image(decoding: bytes, name: "turned")
    let stored = try Image(decoding: bytes, name: "turned", appliesOrientation: false)
    #expect((upright.width, upright.height) == (24, 18))
    #expect((stored.width, stored.height) == (18, 24))
    #expect(stored.oriented(.turnRight) == upright)
  }

  @Test func headerTellsWithoutDecoding() throws {
    let photo = try ImageHeader(of: fixtureBytes("photo2.jpg"), name: "photo2.jpg")
    #expect((photo.format, photo.width, photo.height, photo.layout) == (.jpeg, 300, 200, .rgb))
    let mask = try ImageHeader(of: fixtureBytes("formats/color4-16.png"), name: "mask")
    #expect((mask.format, mask.width, mask.height, mask.layout) == (.png, 13, 9, .greyAlpha))
    let ink = try ImageHeader(of: fixtureBytes("formats/jpeg-cmyk.jpg"), name: "ink")
    #expect(ink.layout == .invertedCMYK)
  }
}

@Suite struct RefusalTests {
  private func problem(_ bytes: [UInt8], pixelLimit: Int = 1000) -> ImageError.Problem? {
    do throws(ImageError) {
      _ = try Image(decoding: bytes, name: "some/file.jpg", pixelLimit: pixelLimit)
      return nil
    } catch {
      #expect(error.name == "some/file.jpg")
      #expect(error.description.hasPrefix("some/file.jpg: "))
      return error.problem
    }
  }

  @Test func emptyAndForeignBytes() {
    #expect(problem([]) == .empty)
    #expect(problem(Array("not a picture".utf8)) == .unknownFormat)
    #expect(problem([0xFF]) == .unknownFormat)
  }

  @Test func decompressionBombs() throws {
    var bomb = try fixtureBytes("formats/color2-8.png")
    // 60,000 in each of the two sizes, and the checksum that goes with them.
    bomb.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
    bomb.replaceSubrange(29..<33, with: [0x0F, 0xB0, 0xE2, 0x15])
    guard case .tooLarge(60_000, 60_000, 100_000_000) = problem(bomb, pixelLimit: 100_000_000)
    else {
      Issue.record("\(String(describing: problem(bomb, pixelLimit: 100_000_000)))")
      return
    }
    let photo = try fixtureBytes("photo0.jpg")
    #expect(problem(photo) == .tooLarge(width: 178, height: 218, pixelLimit: 1000))
    #expect(problem(photo, pixelLimit: 178 * 218) == nil)
  }

  @Test func truncatedPhoto() throws {
    let photo = try fixtureBytes("photo0.jpg")
    for count in [photo.count / 2, photo.count - 100] {
      guard case .damaged(.jpeg, _) = problem(Array(photo.prefix(count)), pixelLimit: .max) else {
        Issue.record("\(count) of \(photo.count) bytes were accepted")
        return
      }
    }
  }

  /// A byte of each chunk, its length excepted, is changed in turn: all but the signature's and the
  /// lengths' changes must be seen by a checksum.
  @Test(arguments: ["formats/color2-8.png", "formats/palette-4-alpha.png", "formats/gamma.png"])
  func wrongChecksums(name: String) throws {
    let png = try fixtureBytes(name)
    for position in 12..<png.count {
      var damaged = png
      damaged[position] ^= 0x10
      #expect(problem(damaged) != nil, "byte \(position)")
    }
  }

  @Test func missingFileAndFolder() throws {
    #expect(throws: ImageError("/no/such/file.png", .unreadable("No such file or directory"))) {
      try Image(contentsOf: "/no/such/file.png")
    }
    #expect(throws: ImageError(fixtures, .unreadable("it is not a file"))) {
      try Image(contentsOf: fixtures)
    }
  }

  @Test func everyMessageSaysWhatToDo() {
    let problems: [ImageError.Problem] = [
      .unreadable("r"), .unwritable("r"), .empty, .unknownFormat, .damaged(.png, "d"),
      .unsupported(.jpeg, "d"), .tooLarge(width: 1, height: 2, pixelLimit: 1),
      .fileTooLarge(bytes: 1), .unknownExtension, .notEncodable(.jpeg, "d"), .noHole,
      .foreignFormat("HEIC"), .holeLost(width: 1, height: 2), .ambiguousAlpha,
    ]
    for problem in problems {
      let message = ImageError("x.png", problem).description
      #expect(message.hasPrefix("x.png: ") && message.contains(";"))
      #expect(!message.contains("\n"))
    }
  }
}

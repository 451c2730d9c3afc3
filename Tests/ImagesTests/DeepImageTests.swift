import Images
import TensorCore
import Testing

@Suite struct DeepImageTests {
  @Test(arguments: 1...4)
  func keepsEverySample(channels: Int) throws {
    for number in 0..<20 {
      var random = testRandom(3, case: number)
      let (width, height) = (random.integer(in: 1...40), random.integer(in: 1...40))
      let image = DeepImage(
        width: width, height: height, channels: channels,
        samples: (0..<width * height * channels).map { _ in
          UInt16(truncatingIfNeeded: random.nextWord())
        })
      try withTemporaryFolder { folder in
        try image.writePNG(to: folder + "deep.png")
        let bytes = try imageFileContents(folder + "deep.png")
        #expect(try DeepImage(decoding: bytes, name: "deep") == image)
        // The 8-bit reader rounds to the nearest of 0...255.
        let shallow = try Image(decoding: bytes, name: "deep", channels: .rgba)
        #expect(Int(shallow.pixels[0]) == (Int(image.samples[0]) * 255 + 32767) / 65535)
      }
    }
  }

  @Test(arguments: ["color0-16", "color2-16", "color4-16", "color6-16"])
  func readsWhatOthersWrote(name: String) throws {
    let deep = try #require(
      try DeepImage(decoding: fixtureBytes("formats/\(name).png"), name: name))
    let shallow = try Image(contentsOf: fixtures + "formats/\(name).png", channels: .asStored)
    #expect(deep.width == shallow.width && deep.height == shallow.height)
    let colors = deep.channels == 2 ? 4 : deep.channels
    #expect(shallow.channels == colors)
    for pixel in 0..<deep.width * deep.height {
      let value = Int(deep.samples[pixel * deep.channels])
      try #require(
        Int(shallow.pixels[pixel * shallow.channels]) == (value * 255 + 32767) / 65535,
        "pixel \(pixel)")
    }
  }

  @Test func eightBitsAndDamageAreTold() throws {
    #expect(try DeepImage(decoding: fixtureBytes("formats/color2-8.png"), name: "a") == nil)
    #expect(try DeepImage(decoding: fixtureBytes("photo0.jpg"), name: "a") == nil)
    let bytes = try fixtureBytes("formats/color2-16.png")
    #expect(throws: ImageError.self) {
      try DeepImage(decoding: Array(bytes.prefix(bytes.count / 2)), name: "a")
    }
  }

  /// An eXIf chunk turns a PNG as an EXIF segment turns a JPEG.
  @Test func orientationOfAPNG() throws {
    var random = testRandom(4)
    let image = noise(width: 3, height: 2, using: &random)
    let bytes = try image.encodedAsPNG()
    let tiff: [UInt8] = [
      0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0,
    ]
    let type = Array("eXIf".utf8)
    let checksum = reflectedCRC(type + tiff)
    let chunk =
      [0, 0, 0, UInt8(tiff.count)] + type + tiff
      + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (24 - 8 * $0)) }
    // The header's chunk ends at byte 33.
    let turned = Array(bytes[..<33]) + chunk + bytes[33...]
    #expect(try Image(decoding: turned, name: "a") == image.oriented(.turnRight))
    #expect(try Image(decoding: turned, name: "a", appliesOrientation: false) == image)
  }

  private func reflectedCRC(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { checksum, byte in
      (0..<8).reduce(checksum ^ UInt32(byte)) { value, _ in
        value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1
      }
    }
  }
}

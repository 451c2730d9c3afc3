import Foundation
import Images
import TensorCore
import Testing

@Suite struct EncodingTests {
  @Test(arguments: [1, 3, 4])
  func pngKeepsEveryPixel(channels: Int) throws {
    for number in 0..<40 {
      var random = testRandom(1, case: number)
      let image = noise(
        width: random.integer(in: 1...50), height: random.integer(in: 1...50),
        channels: channels, using: &random)
      let bytes = try image.encodedAsPNG()
      #expect(try Image(decoding: bytes, name: "png", channels: .asStored) == image)
    }
  }

  @Test func largePNGFitsTheBound() throws {
    var random = testRandom(2)
    let image = noise(width: 700, height: 500, using: &random)
    #expect(try Image(decoding: image.encodedAsPNG(), name: "png") == image)
  }

  @Test(arguments: [(80, false, 4.0), (95, false, 2.0), (95, true, 1.5), (100, true, 1.0)])
  func jpegIsClose(quality: Int, fullChroma: Bool, bound: Double) throws {
    let photo = try Image(contentsOf: fixtures + "photo0.decoded.png")
    let bytes = try photo.encodedAsJPEG(quality: quality, fullChroma: fullChroma)
    let again = try Image(decoding: bytes, name: "jpeg")
    let error = zip(photo.pixels, again.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    #expect(Double(error) / Double(photo.pixels.count) < bound)
  }

  @Test func jpegOfGreyAndAlpha() throws {
    let grey = Image(width: 20, height: 10, channels: 1, filledWith: 77)
    let bytes = try grey.encodedAsJPEG()
    #expect(try Image(decoding: bytes, name: "jpeg", channels: .asStored) == grey)
    let alpha = Image(width: 20, height: 10, channels: 4, filledWith: 77)
    #expect(try Image(decoding: alpha.encodedAsJPEG(), name: "jpeg").channels == 3)
  }

  @Test func jpegRefusesLongSides() {
    let long = Image(width: 70_000, height: 1)
    #expect(throws: ImageError.self) { try long.encodedAsJPEG() }
  }

  @Test func writingReplacesAndLeavesNothingElse() throws {
    try withTemporaryFolder { folder in
      let path = folder + "picture.PNG"
      var random = testRandom(3)
      for side in [5, 9] {
        let image = noise(width: side, height: side, using: &random)
        try image.write(to: path)
        #expect(try Image(contentsOf: path) == image)
      }
      try Image(width: 4, height: 4).write(to: folder + "picture.jpeg")
      #expect(
        try ImageHeader(of: imageFileContents(folder + "picture.jpeg"), name: "").format == .jpeg)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(Set(names) == ["picture.PNG", "picture.jpeg"])
    }
  }

  @Test func badPaths() throws {
    let image = Image(width: 2, height: 2)
    for path in ["picture", "picture.gif", "a.png/picture", ""] {
      #expect(throws: ImageError(path, .unknownExtension)) { try image.write(to: path) }
    }
    let missing = "/no/such/folder/picture.png"
    #expect(throws: ImageError(missing, .unwritable("No such file or directory"))) {
      try image.write(to: missing)
    }
    try withTemporaryFolder { folder in
      let target = folder + "folder.png"
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
      #expect(throws: ImageError.self) { try image.write(to: target) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["folder.png"])
    }
  }
}

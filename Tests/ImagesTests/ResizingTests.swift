import Images
import TensorCore
import Testing

@Suite struct ResizingTests {
  private struct Manifest: Decodable {
    struct Photo: Decodable {
      let file: String
      let width: Int
      let height: Int
      let crop: Int
      let left: Int
      let top: Int
      let sides: [Int]
    }
    let crop_and_resize: [Photo]
  }

  private struct Case: Decodable {
    let name: String
    let width: Int
    let height: Int
    let box: [Float]?
  }

  @Test func centreSquaresOfPhotosEqualPillow() throws {
    let manifest: Manifest = try fixtureJSON("manifest.json")
    #expect(manifest.crop_and_resize.count == 4)
    for photo in manifest.crop_and_resize {
      let image = try Image(contentsOf: fixtures + photo.file)
      let rectangle = image.centreSquareBounds(maximumSide: 178)
      #expect(
        rectangle
          == Rectangle(top: photo.top, left: photo.left, height: photo.crop, width: photo.crop))
      let square = image.centreSquare(maximumSide: 178)
      for side in photo.sides {
        let stem = photo.file.dropLast(".jpg".count)
        let expected = try Image(contentsOf: fixtures + "\(stem).\(side).png")
        #expect(square.resized(width: side, height: side) == expected, "\(photo.file) at \(side)")
      }
    }
  }

  @Test func noiseEqualsPillow() throws {
    let cases: [Case] = try fixtureJSON("formats/resize.json")
    #expect(cases.count >= 18)
    for test in cases {
      let path = fixtures + "formats/\(test.name)"
      let source = try Image(contentsOf: path + ".source.png", channels: .asStored)
      let expected = try Image(contentsOf: path + ".png", channels: .asStored)
      let box = test.box.map { Image.Box(left: $0[0], top: $0[1], right: $0[2], bottom: $0[3]) }
      #expect(
        source.resized(width: test.width, height: test.height, box: box) == expected, "\(test)")
    }
  }

  @Test func oneColorStaysOneColor() {
    for number in 0..<60 {
      var random = testRandom(4, case: number)
      let channels = [1, 3, 4][number % 3]
      let value = UInt8(random.integer(in: 0...255))
      let image = Image(
        width: random.integer(in: 1...40), height: random.integer(in: 1...40),
        channels: channels, filledWith: value)
      let (width, height) = (random.integer(in: 1...60), random.integer(in: 1...60))
      #expect(
        image.resized(width: width, height: height)
          == Image(width: width, height: height, channels: channels, filledWith: value))
    }
  }

  /// Channels do not mix: each one alone gives the same, whatever the number of channels.
  @Test func channelsAreIndependent() {
    for number in 0..<40 {
      var random = testRandom(5, case: number)
      let channels = [3, 4][number % 2]
      let image = noise(
        width: random.integer(in: 1...40), height: random.integer(in: 1...40),
        channels: channels, using: &random)
      let (width, height) = (random.integer(in: 1...60), random.integer(in: 1...60))
      let resized = image.resized(width: width, height: height)
      for channel in 0..<channels {
        #expect(
          image.plane(channel).resized(width: width, height: height) == resized.plane(channel))
      }
    }
  }

  @Test func theSameSizeIsTheSamePicture() {
    var random = testRandom(6)
    let image = noise(width: 17, height: 23, using: &random)
    #expect(image.resized(width: 17, height: 23) == image)
    let box = Image.Box(left: 0, top: 0, right: 16.5, bottom: 23)
    #expect(image.resized(width: 17, height: 23, box: box) != image)
  }
}

extension Image {
  /// One channel as a grey picture.
  fileprivate func plane(_ channel: Int) -> Image {
    let values = stride(from: channel, to: pixels.count, by: channels).map { pixels[$0] }
    return Image(width: width, height: height, channels: 1, pixels: values)
  }
}

import Images
import Testing

@Suite struct GeometryTests {
  /// Pixel (row, column) has the value `10 * row + column`.
  private let numbered = Image(width: 3, height: 2, channels: 1, pixels: [0, 1, 2, 10, 11, 12])

  @Test func croppingTakesTheRectangle() {
    #expect(
      numbered.cropped(to: Rectangle(top: 1, left: 1, height: 1, width: 2))
        == Image(width: 2, height: 1, channels: 1, pixels: [11, 12]))
    #expect(numbered.cropped(to: numbered.bounds) == numbered)
  }

  @Test func centreSquareLeavesTheSmallerMarginFirst() {
    #expect(
      numbered.centreSquare() == Image(width: 2, height: 2, channels: 1, pixels: [0, 1, 10, 11]))
    #expect(numbered.centreSquare(maximumSide: 1).pixels == [1])
  }

  @Test func everyOrientation() {
    let expected: [ExifOrientation: (Int, [UInt8])] = [
      .upright: (3, [0, 1, 2, 10, 11, 12]), .mirrored: (3, [2, 1, 0, 12, 11, 10]),
      .upsideDown: (3, [12, 11, 10, 2, 1, 0]), .mirroredUpsideDown: (3, [10, 11, 12, 0, 1, 2]),
      .transposed: (2, [0, 10, 1, 11, 2, 12]), .turnRight: (2, [10, 0, 11, 1, 12, 2]),
      .antiTransposed: (2, [12, 2, 11, 1, 10, 0]), .turnLeft: (2, [2, 12, 1, 11, 0, 10]),
    ]
    for orientation in ExifOrientation.allCases {
      let image = numbered.oriented(orientation)
      #expect(image.width == expected[orientation]?.0 && image.pixels == expected[orientation]?.1)
    }
  }

  @Test(arguments: [1, 3, 4])
  func turningTwiceComesBack(channels: Int) {
    var random = testRandom(7)
    let image = noise(width: 7, height: 5, channels: channels, using: &random)
    #expect(image.oriented(.turnLeft).oriented(.turnRight) == image)
    #expect(image.oriented(.transposed).oriented(.transposed) == image)
    #expect(image.flippedHorizontally().flippedVertically() == image.oriented(.upsideDown))
  }

  @Test func orientationIsReadInBothByteOrders() {
    func jpeg(_ tiff: [UInt8]) -> [UInt8] {
      let exif: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0] + tiff
      return [0xFF, 0xD8, 0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif
    }
    let big: [UInt8] = [
      0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0,
    ]
    let little: [UInt8] = [
      0x49, 0x49, 0x2A, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0,
    ]
    #expect(ExifOrientation(of: jpeg(big), format: .jpeg) == .turnLeft)
    #expect(ExifOrientation(of: jpeg(little), format: .jpeg) == .turnLeft)
    var invalid = big
    invalid[19] = 9
    #expect(ExifOrientation(of: jpeg(invalid), format: .jpeg) == .upright)
    for count in little.indices {
      let cut = ExifOrientation(of: jpeg(Array(little.prefix(count))), format: .jpeg)
      #expect(cut == .upright || count >= 20)
    }
  }
}

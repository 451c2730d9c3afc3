import Images
import Testing

@Suite struct PlanesTests {
  private func planes(of image: Image) -> [Float] {
    var values = [Float](repeating: .nan, count: image.pixels.count)
    values.withUnsafeMutableBufferPointer { image.writePlanes(to: $0) }
    return values
  }

  private func image(_ planes: [Float], width: Int, height: Int, channels: Int) -> Image {
    planes.withUnsafeBufferPointer {
      Image(planes: $0, width: width, height: height, channels: channels)
    }
  }

  @Test func planesFollowOneAnother() {
    let image = Image(width: 2, height: 1, pixels: [0, 51, 102, 153, 204, 255])
    let expected: [Float] = [0, 153, 51, 204, 102, 255].map { $0 / 127.5 - 1 }
    #expect(planes(of: image) == expected)
    #expect(expected.first == -1 && expected.last == 1)
  }

  @Test(arguments: [1, 3, 4])
  func thereAndBackIsTheSame(channels: Int) {
    let pixels = (0..<256 * channels).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let original = Image(width: 16, height: 16, channels: channels, pixels: pixels)
    #expect(image(planes(of: original), width: 16, height: 16, channels: channels) == original)
  }

  /// `((x + 1) * 127.5).round().clamp(0, 255)` as PyTorch computes it.
  @Test func roundingAndClamping() {
    let values: [Float] = [
      -1, 1, 0, -1.5, 7, .infinity, -.infinity, .nan, -0.99607843, -0.9960785, 0.0039215684,
    ]
    // 0 lies in the middle between 127 and 128: the even one is taken.
    let expected: [UInt8] = [0, 255, 128, 0, 255, 255, 0, 0, 1, 0, 128]
    let rounded = image(values, width: values.count, height: 1, channels: 1).pixels
    #expect(rounded[..<8] == expected[..<8])
    #expect(rounded[10] == 128)
  }
}

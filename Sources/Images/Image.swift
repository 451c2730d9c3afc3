/// An 8-bit picture in memory.
///
/// Pixels are stored row by row from the top left, channels interleaved: the value of channel c at
/// (row, column) is `pixels[(row * width + column) * channels + c]`, in 0...255.
package struct Image: Equatable, Sendable {
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// 1 (grey), 3 (RGB) or 4 (RGB and straight alpha).
  package let channels: Int
  /// `height * width * channels` values.
  package var pixels: [UInt8]

  /// Wraps existing pixels.
  ///
  /// - Precondition: `pixels.count == width * height * channels`.
  package init(width: Int, height: Int, channels: Int = 3, pixels: [UInt8]) {
    precondition(
      pixels.count == width * height * channels,
      "an image of \(width)x\(height)x\(channels) has no \(pixels.count) values")
    (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
  }

  /// A picture of one value.
  package init(width: Int, height: Int, channels: Int = 3, filledWith value: UInt8 = 0) {
    self.init(
      width: width, height: height, channels: channels,
      pixels: [UInt8](repeating: value, count: width * height * channels))
  }
}

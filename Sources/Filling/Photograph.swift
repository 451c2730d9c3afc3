package import Images

/// A photograph as its file has it, so that what is known can be written back unchanged.
package struct Photograph: Sendable {
  /// Eight bits, upright, with the channels of the file (1, 3 or 4).
  package let picture: Image
  /// The samples of a PNG with 16 bits a channel.
  private let deep: DeepImage?

  /// Reads a PNG or JPEG, turned upright.
  ///
  /// - Throws: `ImageError`, which names the path.
  package init(contentsOf path: String) throws {
    let bytes = try imageFileContents(path)
    picture = try Image(decoding: bytes, name: path, channels: .asStored)
    deep = try DeepImage(decoding: bytes, name: path)
  }

  private init(_ picture: Image, _ deep: DeepImage?) { (self.picture, self.deep) = (picture, deep) }

  /// The photograph after its picture was changed; 16 bits are lost unless nothing has changed.
  func mapped(_ transform: (Image) -> Image) -> Photograph {
    let result = transform(picture)
    return Photograph(result, result == picture ? deep : nil)
  }

  /// Writes the photograph with its hole filled.
  ///
  /// A PNG keeps channels, depth and every known value; a JPEG has eight bits and no alpha. Pixels of
  /// the hole are opaque.
  ///
  /// - Parameters:
  ///   - filled: The filled picture, three channels.
  ///   - hole: Which of its pixels to take.
  ///   - path: The file to write.
  ///   - jpegQuality: 1...100, for a JPEG.
  /// - Throws: `ImageError`, which names the path.
  package func write(
    filled: Image, hole: HoleMask, to path: String, jpegQuality: Int = 95
  ) throws {
    let grey = (deep?.channels ?? picture.channels) < 3 ? filled.convertedToGrey() : nil
    func value(pixel: Int, channel: Int, of channels: Int) -> UInt8 {
      if channels.isMultiple(of: 2), channel == channels - 1 { return 255 }
      return grey?.pixels[pixel] ?? filled.pixels[pixel * 3 + channel]
    }
    if var deep, ImageFormat(extensionOf: path) == .png {
      for pixel in hole.values.indices where hole.values[pixel] == 1 {
        for channel in 0..<deep.channels {
          deep.samples[pixel * deep.channels + channel] =
            257 * UInt16(value(pixel: pixel, channel: channel, of: deep.channels))
        }
      }
      return try deep.writePNG(to: path)
    }
    var result = picture
    for pixel in hole.values.indices where hole.values[pixel] == 1 {
      for channel in 0..<result.channels {
        result.pixels[pixel * result.channels + channel] =
          value(pixel: pixel, channel: channel, of: result.channels)
      }
    }
    try result.write(to: path, jpegQuality: jpegQuality)
  }
}

extension Image {
  /// Reads a picture of a mask, one channel, white = hole, upright.
  ///
  /// Values count as they are stored. Where the picture has transparent pixels, what is seen on black
  /// counts: white that is opaque. A picture that would mark another hole without its transparency is
  /// refused, unless it is white all over, so that nothing but its transparency can be meant.
  ///
  /// - Throws: `ImageError`, which names the path.
  package init(maskContentsOf path: String) throws(ImageError) {
    try self.init(maskDecoding: imageFileContents(path), name: path)
  }

  /// Reads a picture of a mask that is in memory.
  ///
  /// - Throws: `ImageError`, which has the given name.
  package init(maskDecoding bytes: [UInt8], name: String) throws(ImageError) {
    let stored = try Image(decoding: bytes, name: name, channels: .asStored)
    let grey = stored.convertedToGrey()
    guard let alpha = stored.alpha(), alpha.pixels.contains(where: { $0 < 255 }) else {
      self = grey
      return
    }
    let seen = zip(grey.pixels, alpha.pixels).map { UInt8((UInt32($0) * UInt32($1) + 127) / 255) }
    let isWhite = grey.pixels.allSatisfy { $0 == 255 }
    let agrees = zip(grey.pixels, seen).allSatisfy { ($0 >= 128) == ($1 >= 128) }
    guard isWhite || agrees else { throw ImageError(name, .ambiguousAlpha) }
    self.init(width: stored.width, height: stored.height, channels: 1, pixels: seen)
  }
}

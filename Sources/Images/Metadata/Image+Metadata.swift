extension Image {
  /// Encodes the picture as the path's extension says, with what else its file shall say, and writes
  /// it; the file appears all at once.
  ///
  /// - Parameters:
  ///   - path: The file to make or to replace (.png, .jpg, .jpeg).
  ///   - metadata: What goes with the pixels.
  ///   - jpegQuality: 1...100; at 95 and above colour is kept at full resolution.
  /// - Throws: `ImageError`, which names the path.
  package func write(
    to path: String, metadata: PictureMetadata, jpegQuality: Int = 95
  ) throws(ImageError) {
    guard let format = ImageFormat(extensionOf: path) else {
      throw ImageError(path, .unknownExtension)
    }
    let bytes =
      format == .png
      ? metadata.added(toPNG: try encodedAsPNG(name: path))
      : metadata.added(
        toJPEG: try encodedAsJPEG(
          quality: jpegQuality, fullChroma: jpegQuality >= 95, name: path))
    try replaceFile(at: path, with: bytes)
  }
}

extension DeepImage {
  /// Writes a PNG with 16 bits a channel and what else its file shall say; the file appears all at
  /// once.
  ///
  /// - Throws: `ImageError`, which names the path.
  package func writePNG(to path: String, metadata: PictureMetadata) throws(ImageError) {
    try replaceFile(at: path, with: metadata.added(toPNG: encodedAsPNG(name: path)))
  }
}

import CImageCodecs

/// A picture with 16 bits a channel, as PNG and TIFF store it.
///
/// Samples are stored row by row from the top left, channels interleaved, in 0...65,535.
package struct DeepImage: Equatable, Sendable {
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGB and alpha).
  package let channels: Int
  /// `height * width * channels` values.
  package var samples: [UInt16]

  /// Wraps existing samples.
  ///
  /// - Precondition: `samples.count == width * height * channels`, with 1 to 4 channels.
  package init(width: Int, height: Int, channels: Int, samples: [UInt16]) {
    precondition(
      samples.count == width * height * channels && (1...4).contains(channels),
      "an image of \(width)x\(height)x\(channels) has no \(samples.count) values")
    (self.width, self.height, self.channels, self.samples) = (width, height, channels, samples)
  }

  /// Decodes a PNG or TIFF with 16 bits a channel, turned upright as its EXIF tag says; nil for other
  /// files.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: Names the picture in errors.
  /// - Throws: `ImageError` as for 8-bit pictures.
  package init?(decoding bytes: [UInt8], name: String) throws(ImageError) {
    let depthPosition = 24
    switch ImageFormat(signatureOf: bytes) {
    case .png: guard bytes.count > depthPosition, bytes[depthPosition] == 16 else { return nil }
    case .tiff: break
    default: return nil
    }
    let isPNG = ImageFormat(signatureOf: bytes) == .png
    let checked = isPNG ? try pngWithoutColorSpace(bytes, name: name) : bytes
    let header = try ImageHeader(of: checked, name: name)
    guard header.bits == 16 else { return nil }
    let samples = try decodedDeepSamples(of: checked, header: header, name: name)
    let orientation = ExifOrientation(of: bytes, format: header.format)
    let turned = orientation.turned(
      samples, width: header.width, height: header.height, channels: header.layout.channels)
    self.init(
      width: orientation.swapsSides ? header.height : header.width,
      height: orientation.swapsSides ? header.width : header.height,
      channels: header.layout.channels, samples: turned)
  }

  /// The picture as a PNG file's bytes, 16 bits a channel.
  ///
  /// - Throws: `ImageError`, which has the given name.
  package func encodedAsPNG(name: String = "image") throws(ImageError) -> [UInt8] {
    var header = cimg_header(
      width: Int32(clamping: width), height: Int32(clamping: height), layout: Int32(channels))
    var bytes = [UInt8](repeating: 0, count: cimg_png16_encoded_bound(&header))
    var count = bytes.count
    try callCodec(name, .png) { cimg_png16_encode(samples, &header, &bytes, &count, $0) }
    return Array(bytes.prefix(count))
  }

  /// Writes a PNG with 16 bits a channel; the file appears all at once.
  ///
  /// - Throws: `ImageError`, which names the path.
  package func writePNG(to path: String) throws(ImageError) {
    try replaceFile(at: path, with: encodedAsPNG(name: path))
  }
}

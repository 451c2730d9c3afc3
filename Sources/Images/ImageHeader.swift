import CImageCodecs

/// What a picture says about itself before its first pixel.
package struct ImageHeader: Equatable, Sendable {
  /// The meaning of the stored channels.
  package enum Layout: Int32, Sendable {
    case grey = 1
    case greyAlpha = 2
    case rgb = 3
    case rgba = 4
    /// Four inks of a JPEG for print, 255 = no ink.
    case invertedCMYK = 5

    /// Bytes of a pixel.
    package var channels: Int { self == .invertedCMYK ? 4 : Int(rawValue) }
  }

  /// The format, by the first bytes.
  package let format: ImageFormat
  /// Columns as stored, before any orientation is applied.
  package let width: Int
  /// Rows as stored.
  package let height: Int
  /// Channels as stored; palettes are expanded.
  package let layout: Layout
  /// Bits of a sample as decoded without loss: 16 for such a PNG or TIFF, else 8.
  package let bits: Int

  /// Reads the header of a picture in memory; no pixel is decoded and no large memory taken.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: Names the picture in errors.
  ///   - pixelLimit: The most pixels (width times height) that are accepted.
  /// - Throws: `ImageError` for empty, unknown, damaged, unsupported and too large pictures.
  package init(
    of bytes: [UInt8], name: String, pixelLimit: Int = Image.defaultPixelLimit
  ) throws(ImageError) {
    if bytes.isEmpty { throw ImageError(name, .empty) }
    guard let format = ImageFormat(signatureOf: bytes) else {
      throw ImageError(
        name, ForeignFormat(signatureOf: bytes).map { .foreignFormat($0.title) } ?? .unknownFormat)
    }
    var header = cimg_header()
    var bits = 8
    try callCodec(name, format) { message in
      switch format {
      case .png:
        let depthPosition = 24
        if bytes.count > depthPosition, bytes[depthPosition] == 16 { bits = 16 }
        return cimg_png_header(bytes, bytes.count, &header, message)
      case .jpeg: return cimg_jpeg_header(bytes, bytes.count, &header, message)
      case .webp: return cimg_webp_header(bytes, bytes.count, &header, message)
      case .tiff:
        var tiff = cimg_tiff_header()
        let status = cimg_tiff_header_read(bytes, bytes.count, &tiff, message)
        (header, bits) = (tiff.image, Int(tiff.bits))
        return status
      }
    }
    let (width, height) = (Int(header.width), Int(header.height))
    guard width > 0, height > 0, let layout = Layout(rawValue: header.layout) else {
      throw ImageError(name, .damaged(format, "its size is \(width) x \(height)"))
    }
    if width * height > pixelLimit {
      throw ImageError(name, .tooLarge(width: width, height: height, pixelLimit: pixelLimit))
    }
    (self.format, self.width, self.height, self.layout) = (format, width, height, layout)
    self.bits = bits
  }

  /// The same for the C functions.
  var codecHeader: cimg_header {
    cimg_header(width: Int32(width), height: Int32(height), layout: layout.rawValue)
  }
}

/// Calls a codec and turns its status and message into an error.
func callCodec(
  _ name: String, _ format: ImageFormat, _ call: (UnsafeMutablePointer<CChar>) -> Int32
) throws(ImageError) {
  var message = [CChar](repeating: 0, count: Int(CIMG_MESSAGE_BYTES))
  let status = message.withUnsafeMutableBufferPointer { buffer in
    // The array is never empty, so its address is never nil.
    call(buffer.baseAddress.unsafelyUnwrapped)
  }
  if status == CIMG_OK { return }
  let reason = message.withUnsafeBufferPointer { buffer in
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
  switch status {
  case Int32(CIMG_DAMAGED): throw ImageError(name, .damaged(format, reason))
  case Int32(CIMG_UNSUPPORTED): throw ImageError(name, .unsupported(format, reason))
  default: throw ImageError(name, .notEncodable(format, reason))
  }
}

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

  /// PNG or JPEG, by the first bytes.
  package let format: ImageFormat
  /// Columns as stored, before any orientation is applied.
  package let width: Int
  /// Rows as stored.
  package let height: Int
  /// Channels as stored; palettes are expanded.
  package let layout: Layout

  /// Reads the header of a PNG or JPEG in memory; no pixel is decoded and no large memory taken.
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
      throw ImageError(name, .unknownFormat)
    }
    var header = cimg_header()
    try callCodec(name, format) { message in
      switch format {
      case .png: cimg_png_header(bytes, bytes.count, &header, message)
      case .jpeg: cimg_jpeg_header(bytes, bytes.count, &header, message)
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

import CImageCodecs

extension Image {
  /// The most pixels that are decoded unless a caller says otherwise: 100 megapixels.
  package static let defaultPixelLimit = 100_000_000

  /// Which channels a decoded picture shall have.
  package enum Channels: Sendable {
    /// 1, 3 or 4, as in the file; grey with alpha becomes 4.
    case asStored
    /// 3; grey is repeated, alpha dropped.
    case rgb
    /// 4; what has no alpha is opaque.
    case rgba
    /// 1; colours are weighted 299 : 587 : 114 as by Pillow, alpha is dropped.
    case grey
  }

  /// Decodes a PNG or a JPEG in memory.
  ///
  /// The same pixels as Pillow's, bit for bit, for 8-bit PNG (palette, grey, alpha, interlaced) and
  /// for JPEG. 16-bit samples are rounded to the nearest of 0...255 (Pillow cuts them off). Gamma
  /// and colour profiles are not applied. CMYK is converted without a profile.
  ///
  /// - Parameters:
  ///   - bytes: The whole file; the first bytes tell its format.
  ///   - name: Names the picture in errors.
  ///   - channels: The channels wanted.
  ///   - appliesOrientation: Turns the picture upright as its EXIF tag says.
  ///   - pixelLimit: Larger pictures are refused before memory is taken for them.
  /// - Throws: `ImageError`; a picture that ends early or has a wrong checksum is an error.
  package init(
    decoding bytes: [UInt8], name: String, channels: Channels = .rgb,
    appliesOrientation: Bool = true, pixelLimit: Int = Image.defaultPixelLimit
  ) throws(ImageError) {
    // Before anything is allocated by the header's numbers.
    let isPNG = ImageFormat(signatureOf: bytes) == .png
    let bytes = isPNG ? try pngWithoutColorSpace(bytes, name: name) : bytes
    let header = try ImageHeader(of: bytes, name: name, pixelLimit: pixelLimit)
    let stored = try decodedPixels(of: bytes, header: header, name: name)
    let image = Image(stored, layout: header.layout, channels: channels, header: header)
    guard appliesOrientation else {
      self = image
      return
    }
    self = image.oriented(isPNG ? ExifOrientation(ofPNG: bytes) : ExifOrientation(ofJPEG: bytes))
  }

  /// Arranges stored pixels as wanted.
  private init(
    _ stored: [UInt8], layout: ImageHeader.Layout, channels: Channels, header: ImageHeader
  ) {
    let (width, height) = (header.width, header.height)
    let image =
      switch layout {
      case .grey: Image(width: width, height: height, channels: 1, pixels: stored)
      case .rgb: Image(width: width, height: height, channels: 3, pixels: stored)
      case .rgba: Image(width: width, height: height, channels: 4, pixels: stored)
      case .greyAlpha: Image(greyAlpha: stored, width: width, height: height)
      case .invertedCMYK: Image(invertedCMYK: stored, width: width, height: height)
      }
    self =
      switch channels {
      case .asStored: image
      case .rgb: image.convertedToRGB()
      case .rgba: image.convertedToRGBA()
      case .grey: image.convertedToGrey()
      }
  }
}

private func decodedPixels(
  of bytes: [UInt8], header: ImageHeader, name: String
) throws(ImageError) -> [UInt8] {
  let count = header.width * header.height * header.layout.channels
  var failure: ImageError?
  let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
    // The count is positive, so the address is never nil.
    let pixels = buffer.baseAddress.unsafelyUnwrapped
    var codecHeader = header.codecHeader
    do throws(ImageError) {
      try callCodec(name, header.format) { message in
        switch header.format {
        case .png: cimg_png_decode(bytes, bytes.count, &codecHeader, pixels, message)
        case .jpeg: cimg_jpeg_decode(bytes, bytes.count, &codecHeader, pixels, message)
        }
      }
      initializedCount = count
    } catch {
      failure = error
    }
  }
  if let failure { throw failure }
  return pixels
}

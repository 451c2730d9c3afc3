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

  /// What the values of a decoded picture shall mean.
  package enum Colors: Sendable {
    /// As in the file, whatever its profile says.
    case asStored
    /// sRGB: converted by the file's colour profile, or its description of colours, where it has
    /// one. For pictures of three and four channels.
    case sRGB
  }

  /// Decodes a picture (PNG, JPEG, WebP or TIFF) in memory.
  ///
  /// The same pixels as Pillow's, bit for bit, for 8-bit PNG (palette, grey, alpha, interlaced) and
  /// for JPEG. 16-bit samples are rounded to the nearest of 0...255 (Pillow cuts them off). CMYK
  /// without a profile is converted as Pillow does.
  ///
  /// - Parameters:
  ///   - bytes: The whole file; the first bytes tell its format.
  ///   - name: Names the picture in errors.
  ///   - channels: The channels wanted.
  ///   - colors: What the values shall mean.
  ///   - appliesOrientation: Turns the picture upright as its EXIF tag says.
  ///   - pixelLimit: Larger pictures are refused before memory is taken for them.
  /// - Throws: `ImageError`; a picture that ends early or has a wrong checksum is an error.
  package init(
    decoding bytes: [UInt8], name: String, channels: Channels = .rgb, colors: Colors = .asStored,
    appliesOrientation: Bool = true, pixelLimit: Int = Image.defaultPixelLimit
  ) throws(ImageError) {
    // Before anything is allocated by the header's numbers.
    let isPNG = ImageFormat(signatureOf: bytes) == .png
    let checked = isPNG ? try pngWithoutColorSpace(bytes, name: name) : bytes
    let header = try ImageHeader(of: checked, name: name, pixelLimit: pixelLimit)
    let stored = try decodedPixels(of: checked, header: header, name: name)
    let profile = colors == .sRGB ? ColorProfile(of: bytes, format: header.format) : nil
    let image = Image(
      stored, layout: header.layout, channels: channels, header: header, profile: profile)
    self =
      appliesOrientation
      ? image.oriented(ExifOrientation(of: bytes, format: header.format)) : image
  }

  /// Arranges stored pixels as wanted.
  private init(
    _ stored: [UInt8], layout: ImageHeader.Layout, channels: Channels, header: ImageHeader,
    profile: ColorProfile?
  ) {
    let (width, height) = (header.width, header.height)
    var image =
      switch layout {
      case .grey: Image(width: width, height: height, channels: 1, pixels: stored)
      case .rgb: Image(width: width, height: height, channels: 3, pixels: stored)
      case .rgba: Image(width: width, height: height, channels: 4, pixels: stored)
      case .greyAlpha: Image(greyAlpha: stored, width: width, height: height)
      case .invertedCMYK:
        profile.flatMap {
          Image(invertedCMYK: stored, width: width, height: height, profile: $0)
        } ?? Image(invertedCMYK: stored, width: width, height: height)
      }
    if let profile, layout != .invertedCMYK {
      image =
        layout == .greyAlpha
        ? image.greyAlphaConvertedToSRGB(from: profile) : image.convertedToSRGB(from: profile)
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
  // libpng and libtiff would reduce these otherwise, or not at all.
  if header.bits == 16, header.format == .tiff || isInterlacedPNG(bytes) {
    return try decodedDeepSamples(of: bytes, header: header, name: name)
      .map { UInt8((UInt32($0) * 255 + 32_767) / 65_535) }
  }
  let count = header.width * header.height * header.layout.channels
  var failure: ImageError?
  let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
    // The count is positive, so the address is never nil.
    let pixels = buffer.baseAddress.unsafelyUnwrapped
    var codecHeader = header.codecHeader
    do throws(ImageError) {
      try callCodec(name, header.format) { message in
        switch header.format {
        case .png: return cimg_png_decode(bytes, bytes.count, &codecHeader, pixels, message)
        case .jpeg: return cimg_jpeg_decode(bytes, bytes.count, &codecHeader, pixels, message)
        case .webp: return cimg_webp_decode(bytes, bytes.count, &codecHeader, pixels, message)
        case .tiff:
          var tiffHeader = cimg_tiff_header()
          (tiffHeader.image, tiffHeader.bits) = (codecHeader, 8)
          return cimg_tiff_decode(bytes, bytes.count, &tiffHeader, pixels, message)
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

private func isInterlacedPNG(_ bytes: [UInt8]) -> Bool {
  let interlacingPosition = 28
  return bytes.count > interlacingPosition && bytes[interlacingPosition] != 0
}

/// The samples of a PNG or TIFF of 16 bits a channel, before any orientation.
func decodedDeepSamples(
  of bytes: [UInt8], header: ImageHeader, name: String
) throws(ImageError) -> [UInt16] {
  var samples = [UInt16](
    repeating: 0, count: header.width * header.height * header.layout.channels)
  var codecHeader = header.codecHeader
  try callCodec(name, header.format) { message in
    guard header.format == .tiff else {
      return cimg_png16_decode(bytes, bytes.count, &codecHeader, &samples, message)
    }
    var tiffHeader = cimg_tiff_header()
    (tiffHeader.image, tiffHeader.bits) = (codecHeader, 16)
    return cimg_tiff_decode(bytes, bytes.count, &tiffHeader, &samples, message)
  }
  return samples
}

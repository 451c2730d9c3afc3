import Checksums
import Files
import Foundation
import Images
import TensorCore

/// The readers of pictures: PNG, JPEG, WebP, TIFF, colour profiles, what else goes with a picture, and
/// pictures of masks.
///
/// - Parameters:
///   - fixtures: The folder `Tests/Fixtures`.
///   - folder: Where the damaged pictures of masks are written.
/// - Returns: One target for each format, and one for masks.
/// - Throws: What is wrong with the fixtures.
func imageTargets(fixtures: String, folder: String) throws -> [FuzzTarget] {
  let formats = "\(fixtures)/images/formats"
  let names = try Files.names(inFolder: formats)
    .filter { !$0.hasSuffix(".rgba.png") && !$0.hasPrefix("resize") }
  let odd = "\(fixtures)/images/odd"
  let oddNames = try Files.names(inFolder: odd)
    .filter { $0 != "damaged" && !$0.hasSuffix("rgb.png") && !$0.hasSuffix(".rgba.png") }
  let all = try (names.map { "\(formats)/\($0)" } + oddNames.map { "\(odd)/\($0)" })
    .filter { !$0.hasSuffix(".json") }.map { try imageFileContents($0) }
  func files(_ format: ImageFormat) -> [[UInt8]] {
    all.filter { ImageFormat(signatureOf: $0) == format }
  }
  let png = FuzzTarget(
    "PNG", seeds: files(.png),
    tokens: ["IHDR", "PLTE", "tRNS", "gAMA", "iCCP", "IDAT", "IEND", "eXIf", "\0\0\0\0"],
    repair: withRightPNGChecksums, accepts: decodes)
  let jpeg = FuzzTarget(
    "JPEG", seeds: files(.jpeg),
    tokens: ["Exif\0\0", "Adobe", "JFIF\0", "ICC_PROFILE\0", "tiff:Orientation=\"6\""]
  ) {
    try decodes($0)
  }
  let webp = FuzzTarget(
    "WebP", seeds: files(.webp), tokens: ["VP8X", "VP8L", "VP8 ", "ALPH", "ICCP", "EXIF", "XMP "]
  ) { try decodes($0) }
  let tiff = FuzzTarget("TIFF", seeds: files(.tiff), tokens: ["II*\0", "MM\0*"]) {
    try decodes($0)
  }
  let profile = FuzzTarget(
    "colour profile", seeds: all.compactMap(profileBytes).filter { ColorProfile($0) != nil },
    tokens: ["acsp", "rTRC", "kTRC", "curv", "para", "mft2", "mAB ", "XYZ ", "CMYK", "GRAY"],
    accepts: converts)
  let xmp = FuzzTarget(
    "XMP and EXIF", seeds: try (files(.jpeg) + files(.png)).filter(keepsMetadata),
    tokens: ["tiff:Orientation=\"6\"", "<tiff:Orientation>8<", "Exif\0\0", "II*\0", "MM\0*"],
    accepts: keepsMetadata)
  let maskPath = "\(folder)/mask.png"
  let mask = FuzzTarget(
    "mask",
    seeds: [try imageFileContents("\(fixtures)/images/photo0.64.mask.png")]
      + (try ["jpeg-grey.jpg", "color0-8.png", "palette-1.png"].map {
        try imageFileContents("\(formats)/\($0)")
      }),
    repair: withRightPNGChecksums
  ) { bytes in
    try Data(bytes).write(to: URL(fileURLWithPath: maskPath))
    var random = CounterBasedRandom(seed: 1, purpose: .mask)
    do throws(ImageError) {
      let kind = DrawnMask(paths: [maskPath], flips: true, shifts: true)
      let hole = try kind.mask(for: MaskSubject(width: 33, height: 20), using: &random)
      precondition(hole.holeArea > 0, "a mask without a hole was accepted")
      return true
    } catch {
      return false
    }
  }
  return [png, jpeg, webp, tiff, profile, xmp, mask]
}

/// Decodes to every kind of channels, and resizes what came out.
private func decodes(_ bytes: [UInt8]) throws -> Bool {
  do throws(ImageError) {
    let header = try ImageHeader(of: bytes, name: "picture", pixelLimit: 1 << 18)
    if header.format == .png { try? checkPNGChunks(bytes, name: "picture") }
    for channels in [Image.Channels.asStored, .rgb, .grey] {
      let image = try Image(
        decoding: bytes, name: "picture", channels: channels,
        colors: channels == .rgb ? .sRGB : .asStored, pixelLimit: 1 << 18)
      precondition(
        [[image.width, image.height], [image.height, image.width]]
          .contains([header.width, header.height])
          && image.pixels.count == image.width * image.height * image.channels,
        "a picture of another size than its header's")
      if channels == .rgb { _ = image.centreSquare(maximumSide: 178).resized(width: 7, height: 5) }
    }
    return true
  } catch {
    return false
  }
}

private func profileBytes(_ picture: [UInt8]) -> [UInt8]? {
  ImageFormat(signatureOf: picture).flatMap { PictureMetadata(of: picture, format: $0).profile }
}

/// Converts colours by a profile, there and back.
private func converts(_ bytes: [UInt8]) throws -> Bool {
  guard let profile = ColorProfile(bytes) else { return false }
  let channels = profile.colors == .grey ? 1 : 3
  let image = Image(
    width: 16, height: 16 / channels, channels: channels,
    pixels: (0..<16 * (16 / channels) * channels).map { UInt8(truncatingIfNeeded: $0) })
  let seen = image.convertedToSRGB(from: profile)
  precondition(seen.channels == 3 && seen.width == 16, "colours of another picture")
  let values = seen.values(in: profile, colors: profile.colors, as: UInt16.self)
  precondition(values.count >= 16 * (16 / channels), "values are missing")
  return true
}

/// Puts what goes with a picture into new files, and finds it there again.
private func keepsMetadata(_ bytes: [UInt8]) throws -> Bool {
  guard let format = ImageFormat(signatureOf: bytes) else { return false }
  let metadata = PictureMetadata(of: bytes, format: format)
  let image = Image(width: 2, height: 2)
  let png = metadata.added(toPNG: try image.encodedAsPNG())
  let jpeg = metadata.added(toJPEG: try image.encodedAsJPEG())
  for (file, format) in [(png, ImageFormat.png), (jpeg, .jpeg)] {
    precondition(
      ExifOrientation(of: file, format: format) == .upright, "a picture would be turned twice")
  }
  precondition(
    (try? Image(decoding: png, name: "copy")) == image, "the pixels of a PNG have changed")
  return !metadata.isEmpty
}

/// A PNG whose chunks, as far as they can be followed, have right checksums.
@Sendable private func withRightPNGChecksums(_ bytes: [UInt8]) -> [UInt8] {
  var result = bytes
  var position = 8
  while position + 12 <= result.count {
    let length = result[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    let end = position + 8 + length
    guard end + 4 <= result.count else { break }
    let checksum = CRC32.checksum(result[position + 4..<end])
    for offset in 0..<4 {
      result[end + offset] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * offset))
    }
    position = end + 4
  }
  return result
}

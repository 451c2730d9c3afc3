import Checksums
import Files
import Foundation
import Images
import TensorCore

/// The readers of pictures: PNG, JPEG and pictures of masks.
///
/// - Parameters:
///   - fixtures: The folder `Tests/Fixtures`.
///   - folder: Where the damaged pictures of masks are written.
/// - Returns: One target for each format, and one for masks.
/// - Throws: What is wrong with the fixtures.
func imageTargets(fixtures: String, folder: String) throws -> [FuzzTarget] {
  let formats = "\(fixtures)/images/formats"
  let names = try Files.names(inFolder: formats)
    .filter {
      !$0.hasSuffix(".rgba.png") && !$0.hasSuffix("-16-interlaced.png") && !$0.hasPrefix("resize")
    }
  func files(_ format: ImageFormat) throws -> [[UInt8]] {
    try names.filter { ImageFormat(extensionOf: $0) == format }
      .map { try imageFileContents("\(formats)/\($0)") }
  }
  let png = FuzzTarget(
    "PNG", seeds: try files(.png),
    tokens: ["IHDR", "PLTE", "tRNS", "gAMA", "iCCP", "IDAT", "IEND", "eXIf", "\0\0\0\0"],
    repair: withRightPNGChecksums, accepts: decodes)
  let jpeg = FuzzTarget("JPEG", seeds: try files(.jpeg), tokens: ["Exif\0\0", "Adobe", "JFIF\0"]) {
    try decodes($0)
  }
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
  return [png, jpeg, mask]
}

/// Decodes to every kind of channels, and resizes what came out.
private func decodes(_ bytes: [UInt8]) throws -> Bool {
  do throws(ImageError) {
    let header = try ImageHeader(of: bytes, name: "picture", pixelLimit: 1 << 18)
    if header.format == .png { try? checkPNGChunks(bytes, name: "picture") }
    for channels in [Image.Channels.asStored, .rgb, .grey] {
      let image = try Image(
        decoding: bytes, name: "picture", channels: channels, pixelLimit: 1 << 18)
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

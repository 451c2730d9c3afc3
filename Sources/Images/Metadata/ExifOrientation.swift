import CImageCodecs

/// How a camera was held: what must be done to the stored pixels so that the picture stands
/// upright.
///
/// Raw values are those of the EXIF tag 0x0112.
package enum ExifOrientation: UInt16, CaseIterable, Sendable {
  case upright = 1
  case mirrored = 2
  case upsideDown = 3
  case mirroredUpsideDown = 4
  case transposed = 5
  case turnRight = 6
  case antiTransposed = 7
  case turnLeft = 8

  /// Reads a picture's orientation, from its EXIF data or else from its XMP packet; `upright` where
  /// none or an invalid one is stored.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - format: Its format.
  package init(of bytes: [UInt8], format: ImageFormat) {
    self =
      switch format {
      case .jpeg: Self.ofJPEG(JPEGSegments(of: bytes))
      case .png: Self.ofPNG(bytes)
      case .webp:
        Self.first(
          exif: RIFFChunks(of: bytes).contents(of: "EXIF"),
          xmp: RIFFChunks(of: bytes).contents(of: "XMP "))
      case .tiff: Self.ofTIFF(bytes)
      }
  }

  /// Whether width and height change places.
  package var swapsSides: Bool { rawValue >= ExifOrientation.transposed.rawValue }

  private static func ofJPEG(_ segments: JPEGSegments) -> ExifOrientation {
    first(exif: segments.exif, xmp: segments.xmp)
  }

  private static func ofPNG(_ bytes: [UInt8]) -> ExifOrientation {
    let chunks = PNGChunk.all(of: bytes)
    let exif = chunks.first { $0.type == "eXIf" }?.contents
    if let found = exif.flatMap({ ExifBlock($0)?.orientation }) { return found }
    var budget = inflatedLimit
    func text(_ isWanted: (String) -> Bool) -> ArraySlice<UInt8>? {
      chunks.first { $0.type.hasSuffix("Xt") && $0.keyword.map { isWanted($0.text) } == true }?
        .text(budget: &budget)?.text
    }
    let profile = text(PNGRawProfile.isExif).flatMap(PNGRawProfile.contents)
    if let found = profile.flatMap({ ExifBlock($0)?.orientation }) { return found }
    return text { $0 == PNGRawProfile.xmpKeyword }.flatMap { XMPPacket($0).orientation } ?? .upright
  }

  private static func ofTIFF(_ bytes: [UInt8]) -> ExifOrientation {
    var header = cimg_tiff_header()
    var message = [CChar](repeating: 0, count: Int(CIMG_MESSAGE_BYTES))
    guard cimg_tiff_header_read(bytes, bytes.count, &header, &message) == CIMG_OK else {
      return .upright
    }
    return ExifOrientation(rawValue: UInt16(header.orientation)) ?? .upright
  }

  private static func first(
    exif: ArraySlice<UInt8>?, xmp: ArraySlice<UInt8>?
  ) -> ExifOrientation {
    exif.flatMap { ExifBlock($0)?.orientation } ?? xmp.flatMap { XMPPacket($0).orientation }
      ?? .upright
  }
}

/// Data that programs hide in the texts of a PNG, as hexadecimal digits.
enum PNGRawProfile {
  /// The keyword of an XMP packet.
  static let xmpKeyword = "XML:com.adobe.xmp"

  /// Whether a text of this keyword holds EXIF data.
  static func isExif(_ keyword: String) -> Bool {
    ["Raw profile type exif", "Raw profile type APP1"].contains(keyword)
  }

  /// The data: after a line break, a name and a length on lines of their own, then digits.
  static func contents(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: 2)
    guard lines.count == 3 else { return nil }
    let digits = lines[2].compactMap(hexDigit)
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      digits[$0] << 4 | digits[$0 + 1]
    }
  }

  private static func hexDigit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

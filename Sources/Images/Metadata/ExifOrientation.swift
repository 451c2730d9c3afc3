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
    let texts = chunks.lazy.filter { $0.type.hasSuffix("Xt") }
    for chunk in texts {
      if let (keyword, _) = chunk.keyword, PNGRawProfile.isExif(keyword),
        let text = chunk.text?.text, let exif = PNGRawProfile.contents(text)
      {
        if let found = ExifBlock(exif)?.orientation { return found }
      }
    }
    for chunk in texts where chunk.keyword?.text == PNGRawProfile.xmpKeyword {
      if let found = chunk.text.flatMap({ XMPPacket($0.text).orientation }) { return found }
    }
    return .upright
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
    let lines = text.split(separator: UInt8(ascii: "\n"))
    guard lines.count >= 3 else { return nil }
    let digits = lines.dropFirst(2).joined().compactMap {
      Character(UnicodeScalar($0)).hexDigitValue
    }
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }
}

/// What stands in front of the first scan of a JPEG.
///
/// Bytes between segments that belong to none are passed over, as decoders do.
struct JPEGSegments {
  /// A segment.
  struct Segment {
    /// The second byte of its marker, such as 0xE1 for APP1.
    let marker: UInt8
    /// What follows its length.
    let contents: Range<Int>
  }

  /// The segments with contents, in their order.
  let all: [Segment]
  private let bytes: [UInt8]

  /// Walks through a file's segments.
  init(of jpeg: [UInt8]) {
    bytes = jpeg
    var found: [Segment] = []
    var position = 2
    while position + 4 <= jpeg.count {
      guard jpeg[position] == 0xFF, jpeg[position + 1] != 0, jpeg[position + 1] != 0xFF else {
        position += 1
        continue
      }
      let marker = jpeg[position + 1]
      if marker == Self.startOfScan || marker == Self.endOfImage { break }
      if marker == 0x01 || (0xD0...0xD8).contains(marker) {
        position += 2
        continue
      }
      let length = Int(jpeg[position + 2]) << 8 | Int(jpeg[position + 3])
      let end = position + 2 + length
      guard length >= 2, end <= jpeg.count else { break }
      found.append(Segment(marker: marker, contents: position + 4..<end))
      position = end
    }
    all = found
  }

  /// The contents of segments of one kind that begin with a signature, without it.
  func contents(of marker: UInt8, signature: [UInt8]) -> [ArraySlice<UInt8>] {
    all.compactMap { segment in
      let contents = bytes[segment.contents]
      guard segment.marker == marker, contents.starts(with: signature) else { return nil }
      return contents.dropFirst(signature.count)
    }
  }

  /// The EXIF block with what stands in front of it, if there is one.
  var exif: ArraySlice<UInt8>? { contents(of: Self.app1, signature: Self.exifSignature).first }

  /// The XMP packet, if there is one.
  var xmp: ArraySlice<UInt8>? { contents(of: Self.app1, signature: Self.xmpSignature).first }

  /// The colour profile, whose parts may stand in several segments; nil where one is missing.
  var profile: [UInt8]? {
    var parts = contents(of: Self.app2, signature: Self.profileSignature)
    guard let first = parts.first, first.count >= 2 else { return nil }
    let count = Int(first[first.startIndex + 1])
    guard parts.count == count, parts.allSatisfy({ $0.count >= 2 }) else { return nil }
    parts.sort { ($0.first ?? 0) < ($1.first ?? 0) }
    guard parts.enumerated().allSatisfy({ Int($1.first ?? 0) == $0 + 1 }) else { return nil }
    return Array(parts.map { $0.dropFirst(2) }.joined())
  }

  static let app0: UInt8 = 0xE0
  static let app1: UInt8 = 0xE1
  static let app2: UInt8 = 0xE2
  static let app13: UInt8 = 0xED
  static let comment: UInt8 = 0xFE
  static let jfifSignature = Array("JFIF\0".utf8)
  static let exifSignature = Array("Exif\0\0".utf8)
  static let xmpSignature = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
  static let profileSignature = Array("ICC_PROFILE\0".utf8)
  private static let startOfScan: UInt8 = 0xDA
  private static let endOfImage: UInt8 = 0xD9

  /// The most bytes that a segment holds.
  static let contentLimit = 65_533

  /// A segment as it stands in a file; nothing where the contents are too long for one.
  static func encoded(_ marker: UInt8, _ contents: [UInt8]) -> [UInt8] {
    guard contents.count <= contentLimit else { return [] }
    let length = contents.count + 2
    return [0xFF, marker, UInt8(length >> 8), UInt8(length & 0xFF)] + contents
  }
}

/// The chunks of a WebP besides its pixels.
struct RIFFChunks {
  private let bytes: [UInt8]

  /// Wraps a whole file.
  init(of webp: [UInt8]) { bytes = webp }

  /// The contents of the first chunk of a type, such as `EXIF`; nil where there is none.
  func contents(of type: String) -> ArraySlice<UInt8>? {
    var position = 12
    while position + 8 <= bytes.count {
      let length = bytes[position + 4..<position + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let end = position + 8 + length
      guard end <= bytes.count else { return nil }
      if bytes[position..<position + 4].elementsEqual(type.utf8) {
        return bytes[position + 8..<end]
      }
      // Chunks begin at even places.
      position = end + length % 2
    }
    return nil
  }
}

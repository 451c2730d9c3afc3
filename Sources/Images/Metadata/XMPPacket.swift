/// An XMP packet, as far as the picture's position is concerned.
struct XMPPacket {
  /// The XML.
  private(set) var bytes: [UInt8]

  /// Wraps a packet.
  init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }

  /// The orientation; nil where none, or an invalid one, is stored.
  var orientation: ExifOrientation? {
    placeOfOrientation.flatMap { ExifOrientation(rawValue: UInt16(bytes[$0] &- UInt8(ascii: "0"))) }
  }

  /// Says that the picture stands upright.
  mutating func resetForUprightPicture() {
    if let place = placeOfOrientation { bytes[place] = UInt8(ascii: "1") }
  }

  /// Where the digit stands: `tiff:Orientation="6"`, or `<tiff:Orientation>6<`.
  private var placeOfOrientation: Int? {
    let name = Array("tiff:Orientation".utf8)
    var start = bytes.startIndex
    while let found = bytes[start...].firstRange(of: name) {
      var position = found.upperBound
      while position < bytes.count, " =\"'>\n\r\t".utf8.contains(bytes[position]) { position += 1 }
      if position > found.upperBound, position < bytes.count,
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
      {
        return position
      }
      start = found.upperBound
    }
    return nil
  }
}

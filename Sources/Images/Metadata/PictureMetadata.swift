import CImageCodecs

/// What a picture's file says besides its pixels, to go with them into another file.
package struct PictureMetadata: Equatable, Sendable {
  /// Pixels a metre, or only their proportions.
  package struct Resolution: Equatable, Sendable {
    /// Along a row.
    package let columns: Double
    /// Along a column.
    package let rows: Double
    /// Whether the numbers are pixels a metre.
    package let isAbsolute: Bool
  }

  /// A text under a keyword, such as `Comment`.
  package struct Text: Equatable, Sendable {
    /// What the text is.
    package let keyword: String
    /// The text, as stored.
    package let bytes: [UInt8]
  }

  /// The colour profile as stored.
  package var profile: [UInt8]?
  /// The EXIF data from their byte order on; they say that the picture stands upright.
  package internal(set) var exif: [UInt8]?
  /// The XMP packet; it says that the picture stands upright.
  package internal(set) var xmp: [UInt8]?
  /// How large the picture is on paper.
  package internal(set) var resolution: Resolution?
  /// Comments.
  package internal(set) var texts: [Text] = []
  /// Chunks of a PNG that another PNG takes as they are: colours, texts, resolution.
  var pngChunks: [(type: String, contents: [UInt8])] = []
  /// What a JPEG says of newspapers and captions (IPTC), as stored.
  var iptc: [UInt8]?

  /// Nothing but pixels.
  package init() {}

  /// Reads what a file says; what is damaged is left out.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - format: Its format.
  package init(of bytes: [UInt8], format: ImageFormat) {
    switch format {
    case .jpeg: read(JPEGSegments(of: bytes))
    case .png: read(PNGChunk.all(of: bytes))
    case .webp:
      let chunks = RIFFChunks(of: bytes)
      profile = chunks.contents(of: "ICCP").map(Array.init)
      keep(exif: chunks.contents(of: "EXIF"), xmp: chunks.contents(of: "XMP "))
    case .tiff:
      profile = embeddedTIFFProfile(bytes)
      resolution = tiffResolution(bytes)
    }
  }

  /// Forgets what colours mean, for pixels that are sRGB now.
  package mutating func becomeSRGB() {
    profile = nil
    pngChunks.removeAll { PNGChunk.colorSpaceTypes.contains($0.type) }
  }

  /// Whether there is something to write.
  package var isEmpty: Bool {
    profile == nil && exif == nil && xmp == nil && resolution == nil && texts.isEmpty
      && pngChunks.isEmpty && iptc == nil
  }

  package static func == (one: PictureMetadata, other: PictureMetadata) -> Bool {
    one.profile == other.profile && one.exif == other.exif && one.xmp == other.xmp
      && one.resolution == other.resolution && one.texts == other.texts && one.iptc == other.iptc
      && one.pngChunks.elementsEqual(other.pngChunks) { $0 == $1 }
  }

  /// Keeps EXIF data and an XMP packet of a picture that stands upright now.
  mutating func keep(exif: ArraySlice<UInt8>?, xmp: ArraySlice<UInt8>?) {
    if var block = exif.flatMap({ ExifBlock($0) }) {
      block.resetForUprightPicture()
      self.exif = block.bytes
    }
    if let xmp {
      var packet = XMPPacket(xmp)
      packet.resetForUprightPicture()
      self.xmp = packet.bytes
    }
  }

  private func tiffResolution(_ bytes: [UInt8]) -> Resolution? {
    var header = cimg_tiff_header()
    var message = [CChar](repeating: 0, count: Int(CIMG_MESSAGE_BYTES))
    guard cimg_tiff_header_read(bytes, bytes.count, &header, &message) == CIMG_OK,
      header.columns_per_metre > 0, header.rows_per_metre > 0
    else { return nil }
    return Resolution(
      columns: header.columns_per_metre, rows: header.rows_per_metre, isAbsolute: true)
  }
}

extension PictureMetadata {
  /// Reads what the segments of a JPEG say.
  mutating func read(_ segments: JPEGSegments) {
    profile = segments.profile
    keep(exif: segments.exif, xmp: segments.xmp)
    if let header = segments.contents(
      of: JPEGSegments.app0, signature: JPEGSegments.jfifSignature
    ).first, header.count >= 7 {
      resolution = Resolution(jfif: Array(header))
    }
    iptc = segments.contents(of: JPEGSegments.app13, signature: []).first.map(Array.init)
    texts = segments.contents(of: JPEGSegments.comment, signature: []).map {
      Text(keyword: "Comment", bytes: Array($0))
    }
  }

  /// A JPEG with this besides its pixels.
  ///
  /// - Parameter jpeg: A file that begins with a JFIF header, as this program writes.
  /// - Returns: The file's bytes.
  package func added(toJPEG jpeg: [UInt8]) -> [UInt8] {
    let headerEnd = 20
    guard !isEmpty, jpeg.count > headerEnd,
      jpeg[6..<11].elementsEqual(JPEGSegments.jfifSignature)
    else { return jpeg }
    var header = Array(jpeg[..<headerEnd])
    if let density = resolution?.jfif { header.replaceSubrange(13..<18, with: density) }
    var segments: [UInt8] = []
    if let exif {
      segments += JPEGSegments.encoded(JPEGSegments.app1, JPEGSegments.exifSignature + exif)
    }
    if let xmp {
      segments += JPEGSegments.encoded(JPEGSegments.app1, JPEGSegments.xmpSignature + xmp)
    }
    if let profile = profile ?? describedProfile { segments += profileSegments(profile) }
    if let iptc { segments += JPEGSegments.encoded(JPEGSegments.app13, iptc) }
    for text in texts {
      let content = text.keyword == "Comment" ? [] : Array("\(text.keyword): ".utf8)
      segments += JPEGSegments.encoded(JPEGSegments.comment, content + text.bytes)
    }
    return header + segments + jpeg[headerEnd...]
  }

  /// A profile is spread over as many segments as it needs, at most 255.
  private func profileSegments(_ profile: [UInt8]) -> [UInt8] {
    let room = JPEGSegments.contentLimit - JPEGSegments.profileSignature.count - 2
    let parts = stride(from: 0, to: profile.count, by: room).map {
      profile[$0..<min($0 + room, profile.count)]
    }
    guard parts.count <= 255 else { return [] }
    return parts.enumerated().flatMap { number, part in
      JPEGSegments.encoded(
        JPEGSegments.app2,
        JPEGSegments.profileSignature + [UInt8(number + 1), UInt8(parts.count)] + part)
    }
  }

  /// The profile of colours that a PNG describes by numbers.
  private var describedProfile: [UInt8]? {
    let header = pngSignature
    let chunks = pngChunks.flatMap { PNGChunk.encoded($0.type, $0.contents) }
    return ColorProfile(of: header + chunks, format: .png)?.bytes
  }
}

extension PictureMetadata.Resolution {
  /// Reads what follows JFIF's signature: a version, a unit, two numbers.
  init?(jfif header: [UInt8]) {
    let columns = Double(Int(header[3]) << 8 | Int(header[4]))
    let rows = Double(Int(header[5]) << 8 | Int(header[6]))
    guard columns > 0, rows > 0 else { return nil }
    switch header[2] {
    case 1: self.init(columns: columns / 0.0254, rows: rows / 0.0254, isAbsolute: true)
    case 2: self.init(columns: columns * 100, rows: rows * 100, isAbsolute: true)
    case 0 where columns != rows: self.init(columns: columns, rows: rows, isAbsolute: false)
    default: return nil
    }
  }

  /// A unit (dots an inch, or none) and two numbers, as JFIF stores them.
  fileprivate var jfif: [UInt8]? {
    let scale = isAbsolute ? 0.0254 : 1
    let numbers = [columns * scale, rows * scale].map { $0.rounded() }
    guard numbers.allSatisfy({ (1...65_535).contains($0) }) else { return nil }
    return [isAbsolute ? 1 : 0]
      + numbers.flatMap { [UInt8(Int($0) >> 8), UInt8(Int($0) & 0xFF)] }
  }
}

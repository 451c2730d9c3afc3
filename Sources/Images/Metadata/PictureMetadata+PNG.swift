extension PictureMetadata {
  /// Reads what the chunks of a PNG say.
  mutating func read(_ chunks: [PNGChunk]) {
    var budget = inflatedLimit
    for chunk in chunks {
      switch chunk.type {
      case "eXIf": keep(exif: chunk.contents, xmp: nil)
      case "pHYs":
        resolution = Resolution(pngChunk: Array(chunk.contents))
        pngChunks.append((chunk.type, Array(chunk.contents)))
      case "iCCP":
        if let rest = chunk.keyword?.rest, rest.first == 0 { profile = inflated(rest.dropFirst()) }
        pngChunks.append((chunk.type, Array(chunk.contents)))
      case let type where PNGChunk.colorSpaceTypes.contains(type):
        pngChunks.append((type, Array(chunk.contents)))
      case "tEXt", "zTXt", "iTXt": read(text: chunk, &budget)
      default: break
      }
    }
  }

  private mutating func read(text chunk: PNGChunk, _ budget: inout Int) {
    guard let (keyword, text) = chunk.text(budget: &budget) else { return }
    if keyword == PNGRawProfile.xmpKeyword {
      keep(exif: nil, xmp: text)
    } else if PNGRawProfile.isExif(keyword) {
      if exif == nil { keep(exif: PNGRawProfile.contents(text)?[...], xmp: nil) }
    } else {
      if chunk.type == "tEXt" { texts.append(Text(keyword: keyword, bytes: Array(text))) }
      pngChunks.append((chunk.type, Array(chunk.contents)))
    }
  }

  /// A PNG with this besides its pixels.
  ///
  /// - Parameter png: A whole file, as this program writes.
  /// - Returns: The file's bytes.
  package func added(toPNG png: [UInt8]) -> [UInt8] {
    let headerEnd = 33
    guard !isEmpty, png.count > headerEnd else { return png }
    var added = pngChunks
    func has(_ type: String) -> Bool { added.contains { $0.type == type } }
    if let profile, !has("iCCP"), let stream = deflated(profile) {
      added.insert(("iCCP", Array("ICC profile\0\0".utf8) + stream), at: 0)
    }
    if let exif { added.append(("eXIf", exif)) }
    if let xmp {
      let keyword = PNGRawProfile.xmpKeyword
      added.append(("iTXt", Array("\(keyword)\0\0\0\0\0".utf8) + xmp))
    }
    if let resolution, !has("pHYs"), let contents = resolution.pngChunk {
      added.append(("pHYs", contents))
    }
    if !pngChunks.contains(where: { $0.type.hasSuffix("Xt") }) {
      for text in texts {
        added.append(("tEXt", Array(text.keyword.utf8) + [0] + text.bytes.filter { $0 != 0 }))
      }
    }
    let describesColors = added.contains { PNGChunk.colorSpaceTypes.contains($0.type) }
    let kept = PNGChunk.all(of: png).dropFirst().filter {
      !(describesColors && PNGChunk.colorSpaceTypes.contains($0.type))
    }
    return Array(png[..<headerEnd])
      + added.flatMap { PNGChunk.encoded($0.type, $0.contents) }
      + kept.flatMap { PNGChunk.encoded($0.type, $0.contents) }
  }
}

extension PictureMetadata.Resolution {
  /// Reads two numbers and a unit.
  init?(pngChunk contents: [UInt8]) {
    guard contents.count == 9, let columns = contents.bigEndian32(at: 0),
      let rows = contents.bigEndian32(at: 4), columns > 0, rows > 0
    else { return nil }
    self.init(columns: Double(columns), rows: Double(rows), isAbsolute: contents[8] == 1)
  }

  /// Two numbers and a unit (the metre, or none), as PNG stores them.
  fileprivate var pngChunk: [UInt8]? {
    let numbers = [columns, rows].map { $0.rounded() }
    guard numbers.allSatisfy({ (1...Double(Int32.max)).contains($0) }) else { return nil }
    return numbers.flatMap { number in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: UInt32(number) >> $0) }
    } + [isAbsolute ? 1 : 0]
  }
}

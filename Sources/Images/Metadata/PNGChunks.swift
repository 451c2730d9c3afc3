import CImageCodecs
import Checksums

/// Checks the chain of chunks of a PNG, and leaves out the chunks that describe its colour space.
///
/// libpng would convert pixels by a gamma chunk; here they are decoded as they are stored, and
/// converted by Little CMS where that is wanted (`ColorProfile`). libpng also accepts files that end
/// after the last row, and ancillary chunks with a wrong checksum; here both are damage. It checks
/// the large chunks (IDAT) itself.
///
/// - Parameters:
///   - bytes: The whole file.
///   - name: Names the file in errors.
/// - Returns: The bytes themselves, or a copy without colour space chunks.
/// - Throws: `ImageError` when the chain is cut or a checksum is wrong.
func pngWithoutColorSpace(_ bytes: [UInt8], name: String) throws(ImageError) -> [UInt8] {
  let dropped = try colorSpaceChunks(ofPNG: bytes, name: name, checksImageData: false)
  if dropped.isEmpty { return bytes }
  var kept = bytes
  for range in dropped.reversed() { kept.removeSubrange(range) }
  return kept
}

/// Checks the chain of chunks of a PNG and the checksum of each; no pixel is decoded.
///
/// - Throws: `ImageError` when the chain is cut or a checksum is wrong.
package func checkPNGChunks(_ bytes: [UInt8], name: String) throws(ImageError) {
  _ = try colorSpaceChunks(ofPNG: bytes, name: name, checksImageData: true)
}

/// Where the chunks about the colour space lie, once the chain has been checked.
private func colorSpaceChunks(
  ofPNG bytes: [UInt8], name: String, checksImageData: Bool
) throws(ImageError) -> [Range<Int>] {
  let colorSpaceChunks = Set(PNGChunk.colorSpaceTypes.map(fourCharacters))
  var dropped: [Range<Int>] = []
  var position = pngSignature.count
  while true {
    guard let length = bytes.bigEndian32(at: position),
      let type = bytes.bigEndian32(at: position + 4),
      let checksum = bytes.bigEndian32(at: position + 8 + Int(length))
    else {
      throw ImageError(name, .damaged(.png, "it ends early"))
    }
    let end = position + 12 + Int(length)
    if checksImageData || type != fourCharacters("IDAT"),
      checksum != CRC32.checksum(bytes[position + 4..<end - 4])
    {
      throw ImageError(name, .damaged(.png, "wrong checksum at byte \(position)"))
    }
    if colorSpaceChunks.contains(type) { dropped.append(position..<end) }
    position = end
    if type == fourCharacters("IEND") { return dropped }
  }
}

/// A chunk of a PNG.
struct PNGChunk {
  /// Four letters.
  let type: String
  /// What stands between the type and the checksum.
  let contents: ArraySlice<UInt8>

  /// Types of the chunks that say what the samples mean.
  static let colorSpaceTypes = ["gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV", "cLLI"]

  /// The chunks of a file, as far as the chain can be followed.
  static func all(of png: [UInt8]) -> [PNGChunk] {
    var chunks: [PNGChunk] = []
    var position = pngSignature.count
    while let length = png.bigEndian32(at: position), position + 12 + Int(length) <= png.count {
      let contents = position + 8..<position + 8 + Int(length)
      chunks.append(
        PNGChunk(
          type: String(decoding: png[position + 4..<position + 8], as: UTF8.self),
          contents: png[contents]))
      position = contents.upperBound + 4
    }
    return chunks
  }

  /// A chunk as it stands in a file, with its length and its checksum.
  static func encoded(_ type: String, _ contents: some Collection<UInt8>) -> [UInt8] {
    let body = Array(type.utf8) + contents
    return bigEndian(UInt32(contents.count)) + body + bigEndian(CRC32.checksum(body[...]))
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  /// The keyword in front of a text or a profile, and what follows its zero.
  var keyword: (text: String, rest: ArraySlice<UInt8>)? {
    guard let zero = contents.prefix(80).firstIndex(of: 0) else { return nil }
    return (
      String(decoding: contents[..<zero], as: UTF8.self), contents[(zero + 1)...]
    )
  }

  /// The text of a tEXt, zTXt or iTXt chunk, and its keyword.
  ///
  /// - Parameter budget: The most bytes that a compressed text may hold, from which it is taken; nothing is
  ///   left after one that is larger or damaged.
  /// - Returns: Nil for other chunks and damaged ones.
  func text(budget: inout Int) -> (keyword: String, text: ArraySlice<UInt8>)? {
    guard let (keyword, rest) = keyword else { return nil }
    func unpacked(_ stream: ArraySlice<UInt8>) -> (String, ArraySlice<UInt8>)? {
      let text = inflated(stream, limit: budget)
      budget -= text?.count ?? budget
      return text.map { (keyword, $0[...]) }
    }
    switch type {
    case "tEXt": return (keyword, rest)
    case "zTXt":
      guard rest.first == 0 else { return nil }
      return unpacked(rest.dropFirst())
    case "iTXt":
      // Compression, its method, a language and a translated keyword, each with a zero.
      guard rest.count >= 2, let isCompressed = rest.first,
        let language = rest.dropFirst(2).firstIndex(of: 0),
        let translation = rest[(language + 1)...].firstIndex(of: 0)
      else { return nil }
      let text = rest[(translation + 1)...]
      return isCompressed == 0
        ? (keyword, text) : unpacked(text)
    default: return nil
    }
  }
}

/// The most bytes that a compressed profile, or all compressed texts of a file, may expand to.
let inflatedLimit = 16 << 20

/// What a zlib stream holds; nil where it is damaged or holds more bytes than `limit`.
func inflated(_ stream: ArraySlice<UInt8>, limit: Int = inflatedLimit) -> [UInt8]? {
  let stream = Array(stream)
  var capacity = min(max(4096, 4 * stream.count), limit)
  while true {
    var output = [UInt8](repeating: 0, count: capacity)
    var used = capacity
    switch cimg_inflate(stream, stream.count, &output, &used) {
    case Int32(CIMG_OK): return Array(output[..<used])
    case Int32(CIMG_FAILED) where capacity < limit: capacity = min(4 * capacity, limit)
    default: return nil
    }
  }
}

/// A zlib stream of some bytes; nil without memory.
func deflated(_ bytes: [UInt8]) -> [UInt8]? {
  var used = cimg_deflated_bound(bytes.count)
  var output = [UInt8](repeating: 0, count: used)
  guard cimg_deflate(bytes, bytes.count, &output, &used) == CIMG_OK else { return nil }
  return Array(output[..<used])
}

private func fourCharacters(_ text: String) -> UInt32 {
  precondition(text.utf8.count == 4, "a chunk type has four characters")
  return text.utf8.reduce(0) { $0 << 8 | UInt32($1) }
}

extension [UInt8] {
  /// The big-endian number in four bytes, or nil past the end.
  func bigEndian32(at position: Int) -> UInt32? {
    guard position + 4 <= count else { return nil }
    return self[position..<position + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

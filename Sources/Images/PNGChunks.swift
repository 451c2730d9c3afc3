import Checksums

/// Checks the chain of chunks of a PNG, and leaves out the chunks that describe its colour space.
///
/// libpng would convert pixels by a gamma chunk; everybody else who trains networks takes the
/// stored values as they are, and so do we. libpng also accepts files that end after the last row,
/// and ancillary chunks with a wrong checksum; here both are damage. It checks the large chunks
/// (IDAT) itself.
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
  let colorSpaceChunks: Set<UInt32> = [
    fourCharacters("gAMA"), fourCharacters("cHRM"), fourCharacters("sRGB"), fourCharacters("iCCP"),
  ]
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

/// Where the contents of the first chunk of a type lie, or nil.
func pngChunk(_ type: StaticString, in bytes: [UInt8]) -> Range<Int>? {
  var position = pngSignature.count
  while let length = bytes.bigEndian32(at: position),
    let found = bytes.bigEndian32(at: position + 4)
  {
    let contents = position + 8..<position + 8 + Int(length)
    guard contents.upperBound <= bytes.count else { return nil }
    if found == fourCharacters(type) { return contents }
    position = contents.upperBound + 4
  }
  return nil
}

private func fourCharacters(_ text: StaticString) -> UInt32 {
  precondition(text.utf8CodeUnitCount == 4, "a chunk type has four characters")
  return UnsafeBufferPointer(start: text.utf8Start, count: 4).reduce(0) { $0 << 8 | UInt32($1) }
}

extension [UInt8] {
  /// The big-endian number in four bytes, or nil past the end.
  fileprivate func bigEndian32(at position: Int) -> UInt32? {
    guard position + 4 <= count else { return nil }
    return self[position..<position + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

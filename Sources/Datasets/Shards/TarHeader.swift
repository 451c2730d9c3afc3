/// The header block of a regular file in a tar archive (POSIX.1-1988, "ustar").
///
/// Owner, time and mode are the same for every file, so that equal contents give equal archives.
package enum TarHeader {
  /// Headers, contents and the end of an archive fill whole blocks of so many bytes.
  static let blockByteCount = 512
  /// The longest name that is written.
  static let nameLimit = 100
  /// The largest content that eleven octal digits can tell.
  static let contentLimit = 1 << 33 - 1

  /// The block that stands before a file's content.
  ///
  /// - Precondition: The name has 1 to `nameLimit` bytes, the content at most `contentLimit`.
  package static func block(name: String, byteCount: Int) -> [UInt8] {
    let name = Array(name.utf8)
    precondition((1...nameLimit).contains(name.count), "a tar name of \(name.count) bytes")
    precondition((0...contentLimit).contains(byteCount), "a tar member of \(byteCount) bytes")
    var block = [UInt8](repeating: 0, count: blockByteCount)
    func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
      for (place, byte) in bytes.enumerated() { block[offset + place] = byte }
    }
    put(name, at: 0)
    put("0000644".utf8, at: 100)
    put("0000000".utf8, at: 108)
    put("0000000".utf8, at: 116)
    put(octal(byteCount, digits: 11), at: 124)
    put(octal(0, digits: 11), at: 136)
    put("0".utf8, at: 156)
    put("ustar\0".utf8, at: 257)
    put("00".utf8, at: 263)
    put("0000000".utf8, at: 329)
    put("0000000".utf8, at: 337)
    // The checksum is computed with blanks in its own place.
    put("        ".utf8, at: 148)
    let sum = block.reduce(0) { $0 + Int($1) }
    put(octal(sum, digits: 6) + [0], at: 148)
    return block
  }

  /// Whether a block is the one that `block(name:byteCount:)` makes for some name.
  static func isBlock(_ block: ArraySlice<UInt8>, byteCount: Int) -> Bool {
    let name = String(decoding: block.prefix(nameLimit).prefix { $0 != 0 }, as: UTF8.self)
    guard (1...nameLimit).contains(name.utf8.count) else { return false }
    return block.elementsEqual(self.block(name: name, byteCount: byteCount))
  }

  /// Zeros after a content of so many bytes.
  package static func paddingByteCount(after byteCount: Int) -> Int {
    (blockByteCount - byteCount % blockByteCount) % blockByteCount
  }

  /// The blocks that end an archive.
  package static let end = [UInt8](repeating: 0, count: 2 * blockByteCount)

  private static func octal(_ number: Int, digits: Int) -> [UInt8] {
    let text = String(number, radix: 8)
    return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
  }
}

/// A fingerprint of the content of numbered pictures: what a checkpoint remembers of the data that it was
/// computed from.
///
/// Consecutive pictures share a hash of their checksums, so that a difference can be narrowed down. It
/// depends on the pictures and their order alone, not on how many ranks have looked at them.
package struct PictureDigest: Equatable, Sendable, CustomStringConvertible {
  /// The largest number of hashes.
  private static let largestPartCount = 256

  /// The number of pictures.
  package let count: Int
  /// How their stored bytes came about, in one word; digests of different kinds cannot be compared.
  package let kind: String
  private let parts: [UInt64]

  /// Summarises pictures.
  ///
  /// - Parameters:
  ///   - checksums: CRC-32 of the bytes of each picture, in their order.
  ///   - kind: How the bytes came about, in one word.
  package init(checksums: [UInt32], kind: String) {
    let count = checksums.count
    (self.count, self.kind) = (count, kind)
    let partCount = min(count, Self.largestPartCount)
    parts = (0..<partCount).map { part in
      var hash = IndexHash()
      for checksum in checksums[Self.range(of: part, in: count)] {
        hash.add(number: UInt64(checksum))
      }
      return hash.low64
    }
  }

  /// Reads `description`; nil where it is something else.
  package init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, let count = Int(words[0]), count >= 0 else { return nil }
    let parts = words[2].split(separator: ",").compactMap { UInt64($0, radix: 16) }
    guard parts.count == min(count, Self.largestPartCount) else { return nil }
    (self.count, kind, self.parts) = (count, String(words[1]), parts)
  }

  /// Number, kind and hashes on one line.
  package var description: String {
    "\(count) \(kind) " + parts.map { String($0, radix: 16) }.joined(separator: ",")
  }

  /// The first pictures among which some differ from those of another digest; nil where none do, or
  /// where the two cannot be compared.
  package func firstDifference(from other: PictureDigest) -> Range<Int>? {
    guard count == other.count, kind == other.kind else { return nil }
    return parts.indices.first { parts[$0] != other.parts[$0] }.map {
      Self.range(of: $0, in: count)
    }
  }

  private static func range(of part: Int, in count: Int) -> Range<Int> {
    let partCount = min(count, largestPartCount)
    return part * count / partCount..<(part + 1) * count / partCount
  }
}

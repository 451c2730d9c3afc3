internal import Checksums

/// The checksum of a file as `state.json` holds it: hexadecimal digits, whose number tells the hash.
package struct FileChecksum: Hashable, Sendable, Codable, CustomStringConvertible {
  /// A hash function.
  package enum Algorithm: Int, Sendable, CaseIterable {
    /// XXH128, which `xxhsum -c` checks as well: 32 digits.
    case xxh128 = 32
    /// `ContentHasher`, of checkpoints of the first format version: 64 digits.
    case contentHash = 64
  }

  /// The hash function.
  package let algorithm: Algorithm
  /// Lower-case hexadecimal digits.
  package let description: String

  /// Hashes bytes that are in memory.
  package init(of bytes: UnsafeRawBufferPointer, _ algorithm: Algorithm = .xxh128) {
    self.init(algorithm) { $0(bytes) }
  }

  /// Hashes the bytes that `body` hands over, in pieces of any size.
  package init<Failure: Error>(
    _ algorithm: Algorithm,
    ofPieces body: ((UnsafeRawBufferPointer) -> Void) throws(Failure) -> Void
  ) throws(Failure) {
    switch algorithm {
    case .xxh128:
      var hasher = XXHash128()
      try body { hasher.update($0) }
      self.init(hasher)
    case .contentHash:
      var hasher = ContentHasher()
      try body { hasher.update($0) }
      self.init(.contentHash, hasher.hexadecimal)
    }
  }

  /// The checksum of the bytes that a hasher has taken.
  init(_ hasher: borrowing XXHash128) {
    self.init(.xxh128, hasher.hexadecimal)
  }

  private init(_ algorithm: Algorithm, _ digits: String) {
    (self.algorithm, description) = (algorithm, digits)
  }

  /// Decodes the digits.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let digits = try container.decode(String.self)
    guard let algorithm = Algorithm(rawValue: digits.utf8.count),
      digits.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
    else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not a checksum of 32 or 64 hexadecimal digits")
    }
    self.init(algorithm, digits)
  }

  /// Encodes the digits.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

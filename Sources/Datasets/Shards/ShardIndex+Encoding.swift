import Checksums

/// The index as a file: little-endian numbers without padding.
///
/// | bytes | content |
/// |---|---|
/// | 8 | `INPSHARD` |
/// | 4 | version, 1 |
/// | 4 | kind: 0 folder, 1 CelebA |
/// | 8 | crop and side of a preparation, 4 bytes each; both 0 where images are as published |
/// | 12 | numbers of images, of shards, of attribute names, 4 bytes each |
/// | 4 | bits: 1 identities, 2 attributes, 4 landmarks |
/// | | for each shard: size (8), its name |
/// | | for each attribute: its name |
/// | 44 each | for each image: shard (4), image and description as offset (8), size (4) and CRC-32 (4), width (4), height (4) |
/// | 1 each | CelebA only: parts |
/// | 4, 8, 20 each | identities, attribute bits, landmarks, as far as they are known |
/// | | names of the images |
/// | 4 | CRC-32 of all before |
///
/// A name is its size (2) and so many bytes of UTF-8.
extension ShardIndex {
  static let signature = Array("INPSHARD".utf8)
  static let version: UInt32 = 1
  static let sampleByteCount = 44

  /// The bytes of the file.
  var encoded: [UInt8] {
    let annotations = listing.annotations
    var bytes = Self.signature
    bytes.append(number: Self.version)
    bytes.append(number: kind.rawValue)
    bytes.append(number: UInt32(preparation?.crop ?? 0))
    bytes.append(number: UInt32(preparation?.side ?? 0))
    bytes.append(number: UInt32(samples.count))
    bytes.append(number: UInt32(shards.count))
    bytes.append(number: UInt32(annotations.attributeNames.count))
    bytes.append(number: Known(annotations).rawValue)
    for shard in shards {
      bytes.append(number: UInt64(shard.byteCount))
      bytes.append(name: shard.name)
    }
    for name in annotations.attributeNames { bytes.append(name: name) }
    for sample in samples {
      bytes.append(number: sample.shard)
      for member in [sample.image, sample.description] {
        bytes.append(number: member.offset)
        bytes.append(number: member.byteCount)
        bytes.append(number: member.checksum)
      }
      bytes.append(number: sample.width)
      bytes.append(number: sample.height)
    }
    bytes += listing.parts
    for number in annotations.identities { bytes.append(number: number) }
    for number in annotations.attributes { bytes.append(number: number) }
    for number in annotations.landmarks { bytes.append(number: number) }
    for name in listing.names { bytes.append(name: name) }
    bytes.append(number: CRC32.checksum(bytes[...]))
    return bytes
  }

  /// Which annotations an index holds.
  struct Known: OptionSet {
    let rawValue: UInt32

    static let identities = Known(rawValue: 1)
    static let attributes = Known(rawValue: 2)
    static let landmarks = Known(rawValue: 4)

    init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ annotations: CelebAAnnotations) {
      self = []
      if !annotations.identities.isEmpty { insert(.identities) }
      if !annotations.attributes.isEmpty { insert(.attributes) }
      if !annotations.landmarks.isEmpty { insert(.landmarks) }
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(name: String) {
    append(number: UInt16(name.utf8.count))
    append(contentsOf: name.utf8)
  }
}

import Checksums

extension ShardIndex {
  /// Reads the bytes of an index file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: Names the file in errors.
  /// - Throws: `DatasetError` where the bytes are not those of a whole, consistent index.
  init(decoding bytes: [UInt8], path: String) throws(DatasetError) {
    guard bytes.starts(with: Self.signature) else {
      throw DatasetError(
        .damagedPack, path, "this is not an index of packed images", remedy: Self.remedy)
    }
    let (body, checksum) = (bytes.dropLast(4), bytes.suffix(4))
    guard bytes.count > Self.signature.count + 4,
      checksum.reversed().reduce(0, { $0 << 8 | UInt32($1) }) == CRC32.checksum(body)
    else {
      throw DatasetError(
        .damagedPack, path, "the index is cut off or changed: its checksum is wrong",
        remedy: Self.remedy)
    }
    do {
      self = try body.withUnsafeBytes { buffer in
        var reader = IndexReader(buffer, from: Self.signature.count)
        return try Self(&reader)
      }
    } catch {
      let problem = (error as? IndexProblem)?.text ?? "\(error)"
      throw DatasetError(.damagedPack, path, problem, remedy: Self.remedy)
    }
  }

  private static let remedy = "copy the index again, or pack the images again"

  private init(_ reader: inout IndexReader) throws {
    let version: UInt32 = try reader.number()
    guard version == Self.version else {
      throw IndexProblem("the index has version \(version), this program reads \(Self.version)")
    }
    let kindNumber: UInt32 = try reader.number()
    guard let kind = Kind(rawValue: kindNumber) else {
      throw IndexProblem("the index is of the unknown kind \(kindNumber)")
    }
    let (crop, side): (UInt32, UInt32) = (try reader.number(), try reader.number())
    preparation = side > 0 ? PackPreparation(crop: Int(crop), side: Int(side)) : nil
    let count: UInt32 = try reader.number()
    let shardCount: UInt32 = try reader.number()
    let attributeCount: UInt32 = try reader.number()
    let known = Known(rawValue: try reader.number())
    guard count > 0, attributeCount <= 64 else {
      throw IndexProblem("the index claims \(count) images and \(attributeCount) attributes")
    }
    shards = try reader.array(shardCount, minimumByteCount: 10) { reader in
      let byteCount: UInt64 = try reader.number()
      guard byteCount < 1 << 50 else { throw IndexProblem("a shard has \(byteCount) bytes") }
      return Shard(name: try reader.fileName(), byteCount: Int(byteCount))
    }
    let attributeNames = try reader.array(attributeCount, minimumByteCount: 2) { try $0.name() }
    let shards = shards
    samples = try reader.array(count, minimumByteCount: Self.sampleByteCount) { reader in
      let sample = Sample(
        shard: try reader.number(), image: try reader.member(), description: try reader.member(),
        width: try reader.number(), height: try reader.number())
      try sample.check(shards)
      return sample
    }
    self.kind = kind
    listing = ImageListing(names: [])
    if kind == .celeba {
      listing.parts = try reader.numbers(Int(count))
      guard listing.parts.allSatisfy({ $0 <= 2 }) else {
        throw IndexProblem("an image belongs to none of the parts 0, 1 and 2")
      }
    }
    listing.annotations.attributeNames = attributeNames
    if known.contains(.identities) {
      listing.annotations.identities = try reader.numbers(Int(count))
    }
    if known.contains(.attributes) {
      listing.annotations.attributes = try reader.numbers(Int(count))
    }
    if known.contains(.landmarks) {
      listing.annotations.landmarks = try reader.numbers(10 * Int(count))
    }
    listing.names = try reader.array(count, minimumByteCount: 2) { try $0.name() }
    guard reader.isAtEnd else { throw IndexProblem("the index is longer than its contents") }
  }
}

extension ShardIndex.Sample {
  /// Makes sure that both files lie inside their shard.
  fileprivate func check(_ shards: [ShardIndex.Shard]) throws {
    guard shard < shards.count else { throw IndexProblem("an image lies in a shard that is not") }
    let size = UInt64(shards[Int(shard)].byteCount)
    for member in [image, description] where member.offset > size || member.end > size {
      throw IndexProblem("a file lies outside of \(shards[Int(shard)].name)")
    }
    guard image.byteCount > 0, (1...1 << 24).contains(width), (1...1 << 24).contains(height) else {
      throw IndexProblem("an image of \(image.byteCount) bytes has \(width)x\(height) pixels")
    }
  }
}

/// What is wrong with the bytes of an index.
private struct IndexProblem: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

/// Takes numbers and names from the bytes of an index, from the first to the last.
private struct IndexReader {
  private let bytes: UnsafeRawBufferPointer
  private var position: Int

  init(_ bytes: UnsafeRawBufferPointer, from position: Int) {
    (self.bytes, self.position) = (bytes, position)
  }

  var isAtEnd: Bool { position == bytes.count }

  private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count <= bytes.count - position else {
      throw IndexProblem("the index ends before its contents")
    }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>() throws -> Number {
    Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
  }

  mutating func numbers<Number: FixedWidthInteger & BitwiseCopyable>(
    _ count: Int
  ) throws -> [Number] {
    let size = MemoryLayout<Number>.size
    let raw = try take(count * size)
    return (0..<count).map {
      Number(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * size, as: Number.self))
    }
  }

  /// Elements of one kind; memory is only taken for as many as the rest of the bytes can hold.
  mutating func array<Element>(
    _ count: UInt32, minimumByteCount: Int, _ element: (inout IndexReader) throws -> Element
  ) throws -> [Element] {
    guard Int(count) * minimumByteCount <= bytes.count - position else {
      throw IndexProblem("the index ends before its contents")
    }
    var elements: [Element] = []
    elements.reserveCapacity(Int(count))
    for _ in 0..<count { elements.append(try element(&self)) }
    return elements
  }

  mutating func member() throws -> ShardIndex.Member {
    ShardIndex.Member(
      offset: try number(), byteCount: try number(), checksum: try number())
  }

  mutating func name() throws -> String {
    let count: UInt16 = try number()
    return String(decoding: try take(Int(count)), as: UTF8.self)
  }

  /// A name that cannot lead out of its folder.
  mutating func fileName() throws -> String {
    let name = try name()
    guard !name.isEmpty, !name.hasPrefix("."), !name.utf8.contains(UInt8(ascii: "/")),
      !name.utf8.contains(0)
    else { throw IndexProblem("a shard has no name that a file can have") }
    return name
  }
}

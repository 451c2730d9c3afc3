import Checksums

/// The table of contents of a zip archive whose members are stored without compression.
///
/// PyTorch stores its archives that way, so that tensors are views of the file. Compressed and
/// encrypted members are refused by name once they are needed. Bytes behind the archive are passed over. ZIP64 sizes and offsets are understood.
struct ZipArchive {
  /// Where one member's bytes are.
  struct Member {
    var range: Range<Int>
    /// CRC-32 of the bytes; 0 if the writer did not compute one.
    var checksum: UInt32
    /// Why the bytes cannot be used; nil where they can.
    var problem: String?
  }

  /// Members by full name.
  let members: [String: Member]
  private let bytes: FileBytes
  private let path: String

  /// Finds the members and checks that each lies inside the file.
  ///
  /// - Throws: `TensorFileError` if the archive is damaged, cut short, compressed or encrypted.
  init(_ bytes: FileBytes, path: String) throws(TensorFileError) {
    self.bytes = bytes
    self.path = path
    members = try bytes.withUnsafeBytes { (all: UnsafeRawBufferPointer) throws(TensorFileError) in
      do throws(ZipDirectoryReader.Failure) {
        return try ZipDirectoryReader(all).members()
      } catch {
        throw TensorFileError(path: path, reason: "the zip archive cannot be used: \(error.reason)")
      }
    }
  }

  /// The place of a member's bytes, after comparing them with their checksum.
  ///
  /// - Throws: `TensorFileError` if the checksum differs.
  func verifiedRange(_ name: String) throws(TensorFileError) -> Range<Int>? {
    guard let member = members[name] else { return nil }
    if let problem = member.problem {
      throw TensorFileError(path: path, reason: "the zip archive cannot be used: \(problem)")
    }
    if member.checksum != 0 {
      let found = bytes.withUnsafeBytes {
        CRC32.checksum(UnsafeRawBufferPointer(rebasing: $0[member.range]))
      }
      guard found == member.checksum else {
        throw TensorFileError(
          path: path, reason: "damaged zip archive: the checksum of member \"\(name)\" differs")
      }
    }
    return member.range
  }
}

/// Walks the central directory of a zip archive.
private struct ZipDirectoryReader {
  struct Failure: Error {
    var reason: String
  }

  private let all: UnsafeRawBufferPointer

  init(_ all: UnsafeRawBufferPointer) { self.all = all }

  func members() throws(Failure) -> [String: ZipArchive.Member] {
    var (position, count) = try directory()
    var result: [String: ZipArchive.Member] = [:]
    for _ in 0..<count {
      guard try uint32(position) == 0x0201_4B50 else {
        throw Failure(reason: "an entry of the directory is not where it should be")
      }
      let nameLength = try uint16(position + 28)
      let extraLength = try uint16(position + 30)
      let commentLength = try uint16(position + 32)
      let name = try string(position + 46, length: nameLength)
      let member = try self.member(
        named: name, entry: position,
        extra: position + 46 + nameLength..<position + 46 + nameLength + extraLength)
      guard result.updateValue(member, forKey: name) == nil else {
        throw Failure(reason: "member \"\(name)\" occurs twice")
      }
      position += 46 + nameLength + extraLength + commentLength
    }
    return result
  }

  /// Finds the position and the number of entries of the directory.
  private func directory() throws(Failure) -> (position: Int, count: Int) {
    // The end record is the last thing in the file but for a comment of at most 65,535 bytes.
    var end = all.count - 22
    let lowest = max(0, end - 0xFFFF)
    while end >= lowest {
      if try uint32(end) == 0x0605_4B50, try uint16(end + 20) == all.count - end - 22 { break }
      end -= 1
    }
    if end < lowest {
      guard let earlier = try endBeforeOtherBytes() else {
        throw Failure(reason: "its end record is missing: it has been cut short")
      }
      end = earlier
    }
    let count = try uint16(end + 10)
    let position = Int(try uint32(end + 16))
    guard count == 0xFFFF || position == 0xFFFF_FFFF else { return (position, count) }
    guard end >= 20, try uint32(end - 20) == 0x0706_4B50 else { return (position, count) }
    let end64 = try offset(end - 12)
    guard try uint32(end64) == 0x0606_4B50 else {
      throw Failure(reason: "its ZIP64 end record is missing")
    }
    return (try offset(end64 + 48), try offset(end64 + 32))
  }

  /// The end record of an archive that other bytes follow: the last one that a directory belongs to.
  private func endBeforeOtherBytes() throws(Failure) -> Int? {
    let reach = 1 << 20
    var end = all.count - 22
    let lowest = max(0, end - reach)
    while end >= lowest {
      if try uint32(end) == 0x0605_4B50, end + 22 + (try uint16(end + 20)) <= all.count {
        let position = Int(try uint32(end + 16))
        if position == 0xFFFF_FFFF { return end }
        if position < end, try uint32(position) == 0x0201_4B50 { return end }
      }
      end -= 1
    }
    return nil
  }

  private func member(named name: String, entry: Int, extra: Range<Int>) throws(Failure)
    -> ZipArchive.Member
  {
    guard try uint16(entry + 8) & 1 == 0 else {
      return .init(range: 0..<0, checksum: 0, problem: "member \"\(name)\" is encrypted")
    }
    let method = try uint16(entry + 10)
    guard method == 0 else {
      return .init(
        range: 0..<0, checksum: 0,
        problem: "member \"\(name)\" is compressed (method \(method)); "
          + "save it again with torch.save, which stores without compression")
    }
    var sizes = (
      compressed: Int(try uint32(entry + 20)), plain: Int(try uint32(entry + 24)),
      header: Int(try uint32(entry + 42))
    )
    try applyZIP64(extra, to: &sizes)
    guard sizes.compressed == sizes.plain else {
      throw Failure(reason: "member \"\(name)\" has two different sizes")
    }
    guard try uint32(sizes.header) == 0x0403_4B50 else {
      throw Failure(reason: "member \"\(name)\" is not where the directory says")
    }
    let start = try sizes.header + 30 + uint16(sizes.header + 26) + uint16(sizes.header + 28)
    guard start <= all.count, sizes.plain <= all.count - start else {
      throw Failure(reason: "member \"\(name)\" reaches beyond the end of the file")
    }
    return .init(range: start..<start + sizes.plain, checksum: try uint32(entry + 16))
  }

  /// Replaces sizes that do not fit in 32 bits by those of the ZIP64 extra field.
  private func applyZIP64(
    _ extra: Range<Int>, to sizes: inout (compressed: Int, plain: Int, header: Int)
  ) throws(Failure) {
    var position = extra.lowerBound
    while position + 4 <= extra.upperBound {
      let length = try uint16(position + 2)
      if try uint16(position) == 1 {
        var field = position + 4
        if sizes.plain == 0xFFFF_FFFF { (sizes.plain, field) = (try offset(field), field + 8) }
        if sizes.compressed == 0xFFFF_FFFF {
          (sizes.compressed, field) = (try offset(field), field + 8)
        }
        if sizes.header == 0xFFFF_FFFF { sizes.header = try offset(field) }
      }
      position += 4 + length
    }
  }

  private func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ position: Int, as type: Value.Type
  ) throws(Failure) -> Value {
    guard position >= 0, position <= all.count - MemoryLayout<Value>.size else {
      throw Failure(reason: "a record reaches beyond the end of the file")
    }
    return Value(littleEndian: all.loadUnaligned(fromByteOffset: position, as: type))
  }

  private func uint16(_ position: Int) throws(Failure) -> Int {
    Int(try load(position, as: UInt16.self))
  }

  private func uint32(_ position: Int) throws(Failure) -> UInt32 {
    try load(position, as: UInt32.self)
  }

  /// A 64-bit position, size or count, none of which can exceed the size of the file.
  private func offset(_ position: Int) throws(Failure) -> Int {
    let value = try load(position, as: UInt64.self)
    guard value <= UInt64(all.count) else {
      throw Failure(reason: "a record reaches beyond the end of the file")
    }
    return Int(value)
  }

  private func string(_ position: Int, length: Int) throws(Failure) -> String {
    guard position <= all.count - length,
      let name = String(validating: all[position..<position + length], as: UTF8.self)
    else { throw Failure(reason: "the name of a member cannot be read") }
    return name
  }
}

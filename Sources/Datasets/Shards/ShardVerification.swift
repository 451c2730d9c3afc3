import Checksums

/// A check of every byte of a packed data set.
package struct ShardVerification: Sendable {
  /// Images that were checked.
  package private(set) var imageCount = 0
  /// Shards that were checked.
  package private(set) var shardCount = 0
  /// Bytes that were read.
  package private(set) var byteCount = 0
  /// What is wrong, a line each: shard, member, place.
  package private(set) var problems: [String] = []

  /// Reads all shards of a packed data set and compares them with the index.
  ///
  /// - Parameter root: The folder that holds the index and the shards.
  /// - Throws: `DatasetError` where the index cannot be used.
  package init(of root: String) throws {
    let index = try ShardIndex(readingFrom: root)
    let members = Dictionary(grouping: index.samples.indices) { Int(index.samples[$0].shard) }
    for (number, shard) in index.shards.enumerated() {
      shardCount += 1
      let order = (members[number] ?? []).sorted {
        index.samples[$0].image.offset < index.samples[$1].image.offset
      }
      do {
        try shard.checkSize(in: root)
      } catch {
        problems.append("\(error)")
        continue
      }
      let file = ShardFile(path: "\(root)/\(shard.name)")
      var cursor = 0
      for place in order {
        imageCount += 1
        let (name, sample) = (index.listing.names[place], index.samples[place])
        do {
          try check(sample.image, "\(name)", at: &cursor, in: file)
          try check(sample.description, "description of \(name)", at: &cursor, in: file)
        } catch {
          problems.append("\(error)")
          cursor = Int(sample.description.end)
          cursor += TarHeader.paddingByteCount(after: Int(sample.description.byteCount))
        }
      }
      if let rest = try? file.read(at: cursor, count: max(0, shard.byteCount - cursor)),
        rest != TarHeader.end
      {
        problems.append("\(file.path): the end of the archive at byte \(cursor) is damaged")
      }
      byteCount += shard.byteCount
    }
  }

  /// Checks a file in a shard: its header, its content, and the zeros after it.
  private func check(
    _ member: ShardIndex.Member, _ name: String, at cursor: inout Int, in file: ShardFile
  ) throws {
    let start = Int(member.offset)
    func problem(_ text: String) -> DatasetError {
      DatasetError(
        .damagedPack, "\(file.path): \(name) at byte \(start)", text,
        remedy: "copy the shard again, or pack the images again")
    }
    guard start == cursor + TarHeader.blockByteCount else {
      throw problem("the index puts it to another place than byte \(cursor)")
    }
    let count = Int(member.byteCount)
    let padding = TarHeader.paddingByteCount(after: count)
    let bytes = try file.read(at: cursor, count: TarHeader.blockByteCount + count + padding)
    cursor = start + count + padding
    guard bytes.count == TarHeader.blockByteCount + count + padding else {
      throw problem("the shard ends inside of it")
    }
    guard TarHeader.isBlock(bytes.prefix(TarHeader.blockByteCount), byteCount: count) else {
      throw problem("the tar header before it is damaged")
    }
    let content = bytes[TarHeader.blockByteCount..<TarHeader.blockByteCount + count]
    guard CRC32.checksum(content) == member.checksum else {
      throw problem("its checksum differs from that of the index")
    }
    guard bytes.suffix(padding).allSatisfy({ $0 == 0 }) else {
      throw problem("the zeros after it are damaged")
    }
  }
}

import Checksums
import Datasets
import Files
import Foundation
import Images

/// The readers of packed images: the index, and the shards themselves.
///
/// - Parameters:
///   - fixtures: The folder `Tests/Fixtures`.
///   - folder: Where a few images are packed and damaged.
/// - Returns: One target for the index, one for a shard.
/// - Throws: What is wrong with the fixtures or the folder.
func shardTargets(fixtures: String, folder: String) throws -> [FuzzTarget] {
  let (images, packed) = ("\(folder)/images", "\(folder)/packed")
  try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
  for name in ["jpeg-grey.jpg", "jpeg-420.jpg", "color2-8.png", "orientation-6.jpg"] {
    try FileManager.default.copyItem(
      atPath: "\(fixtures)/images/formats/\(name)", toPath: "\(images)/\(name)")
  }
  _ = try ShardPacker(source: images, destination: packed).run()
  let names = try Files.names(inFolder: packed)
  return try names.compactMap { name -> FuzzTarget? in
    switch name {
    case "shards.index": try target("shard index", name, in: packed) { _ in withRightEnd }
    case _ where name.hasSuffix(".tar"):
      try target("shard \(name)", name, in: packed) { whole in
        { withSize(of: whole.count, $0) }
      }
    default: nil
    }
  }
}

/// Damages one of the files of a folder of packed images, and puts it back.
private func target(
  _ title: String, _ name: String, in packed: String,
  repair: ([UInt8]) -> @Sendable ([UInt8]) -> [UInt8]
) throws -> FuzzTarget {
  let file = URL(fileURLWithPath: "\(packed)/\(name)")
  let whole = try imageFileContents(file.path)
  return FuzzTarget(
    title, seeds: [whole],
    tokens: ["ustar\0", "\0\0\0\0", "00000000010\0", ".jpg", "../", "\u{1}\0\0\0"],
    repair: repair(whole)
  ) { bytes in
    try Data(bytes).write(to: file)
    defer { try? Data(whole).write(to: file) }
    return try reads(packed)
  }
}

/// Opens packed images, checks all of them and decodes each.
private func reads(_ folder: String) throws -> Bool {
  do {
    let isWhole = try ShardVerification(of: folder).problems.isEmpty
    let source = try ShardFolder(root: folder, split: .all)
    var isReadable = true
    for index in 0..<source.count {
      _ = (source.name(of: index), source.location(of: index), source.landmarks(of: index))
      do {
        _ = try source.image(at: index)
      } catch is ImageError {
        isReadable = false
      }
    }
    precondition(isReadable || !isWhole, "a pack that was verified holds an unreadable image")
    return isWhole
  } catch is DatasetError {
    return false
  } catch is ImageError {
    return false
  }
}

/// An index whose last four bytes are the checksum of what stands before them.
@Sendable private func withRightEnd(_ bytes: [UInt8]) -> [UInt8] {
  guard bytes.count > 4 else { return bytes }
  let checksum = CRC32.checksum(bytes.dropLast(4))
  return bytes.dropLast(4) + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32(8 * $0)) }
}

/// A shard cut, or filled up with zeros, to the size that its index expects.
@Sendable private func withSize(of count: Int, _ bytes: [UInt8]) -> [UInt8] {
  Array(bytes.prefix(count)) + [UInt8](repeating: 0, count: max(0, count - bytes.count))
}

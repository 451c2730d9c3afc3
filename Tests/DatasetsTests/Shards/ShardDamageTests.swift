import Checksums
import Datasets
import Foundation
import Images
import TensorCore
import Testing

/// Shards and indices that are not as they should be.
@Suite struct ShardDamageTests {
  private func packed() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.writeAnnotatedCelebA(count: 40)
    try folder.pack("celeba", to: "packed", .shards(of: 50_000))
    return folder
  }

  /// What opening and reading everything says.
  private func reading(_ folder: TemporaryFolder, _ split: DatasetSplit = .train) -> String {
    do {
      _ = try SourceContents(ShardFolder(root: "\(folder.path)/packed", split: split))
      return "all is well"
    } catch {
      return "\(error)"
    }
  }

  private func opening(_ folder: TemporaryFolder, _ split: DatasetSplit = .train) -> String {
    do {
      _ = try ShardFolder(root: "\(folder.path)/packed", split: split)
      return "all is well"
    } catch {
      return "\(error)"
    }
  }

  private func problems(_ folder: TemporaryFolder) throws -> [String] {
    try ShardVerification(of: "\(folder.path)/packed").problems
  }

  @Test func aCutShardIsFoundAtOpen() throws {
    let folder = try packed()
    try folder.change("packed/train-00001.tar") { $0.removeLast(20_000) }
    #expect(opening(folder).contains("packed/train-00001.tar: the shard was cut off"))
    #expect(opening(folder, .test) == "all is well", "a part that does not need it")
    #expect(try problems(folder).count == 1)
    #expect(try problems(folder)[0].contains("train-00001.tar"))
  }

  @Test func aMissingShardIsFoundAtOpen() throws {
    let folder = try packed()
    try folder.remove("packed/validation-00000.tar")
    #expect(
      opening(folder, .validation).contains("validation-00000.tar: the shard is in the index"))
    #expect(opening(folder) == "all is well")
    #expect(try problems(folder).count == 1)
  }

  /// Any byte: verification finds it, and reading finds it where it belongs to an image.
  @Test func everyChangedByteIsFound() throws {
    let folder = try packed()
    let name = "packed/train-00000.tar"
    let original = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)")))
    var random = CounterBasedRandom(seed: 4, purpose: .test)
    var named = 0
    for _ in 0..<150 {
      let place = random.integer(in: 0...original.count - 1)
      try folder.change(name) {
        $0 = original
        $0[place] ^= UInt8(1 << random.integer(in: 0...7))
      }
      let found = try problems(folder)
      #expect(found.count == 1, "byte \(place)")
      #expect(found.first?.contains("train-00000.tar") == true)
      let message = reading(folder)
      if message != "all is well" {
        named += 1
        #expect(message.contains("train-00000.tar: 0000") && message.contains(" at byte "))
        #expect(message.contains("the checksum differs"))
      }
    }
    #expect(named > 15, "bytes of images")
    try folder.write(original, to: name)
    #expect(try problems(folder).isEmpty && reading(folder) == "all is well")
  }

  @Test func theIndexOfOtherShardsIsFound() throws {
    let folder = try packed()
    let other = try TemporaryFolder()
    try other.writeAnnotatedCelebA(count: 41)
    try other.pack("celeba", to: "packed", .shards(of: 50_000))
    let index = try #require(try other.files(in: "packed")["shards.index"])
    try folder.write(index, to: "packed/shards.index")
    #expect(DatasetSplit.allCases.map { opening(folder, $0) }.contains { $0 != "all is well" })
    // Of the same size: found by the first image.
    let same = try packed()
    try same.change("packed/train-00000.tar") { bytes in
      let next = bytes[1024...].firstRange(of: Array("0000".utf8))?.lowerBound ?? 0
      bytes = Array(bytes[next...] + bytes[..<next])
    }
    #expect(opening(same) == "all is well")
    #expect(reading(same).contains("belongs to another index"))
    #expect(try problems(same).count > 10)
  }

  /// A run that may go without damaged images finds those of shards, however many ranks look.
  @Test func damagedImagesOfShardsAreFoundByAnyNumberOfRanks() throws {
    let folder = try packed()
    try folder.change("packed/train-00000.tar") { $0[600] ^= 1 }
    let source = try ShardFolder(root: "\(folder.path)/packed", split: .train)
    for ranks in [1, 4] {
      let found = (0..<ranks).flatMap {
        ImageCheck(source, depth: .pixels).run(first: $0, stride: ranks).findings
      }
      #expect(found.map(\.index) == [0])
      #expect(found[0].message.contains("train-00000.tar: 000001.jpg at byte 512"))
    }
    let rest = ImageSubset(source, leavingOut: [0])
    #expect(rest.name(of: 0) == "000002.jpg" && rest.count == source.count - 1)
  }

  /// Whatever the bytes, the index is refused with a message or describes files inside its shards.
  @Test func aChangedIndexIsRefused() throws {
    let folder = try packed()
    let original = [UInt8](try #require(try folder.files(in: "packed")["shards.index"]))
    var random = CounterBasedRandom(seed: 6, purpose: .test)
    for round in 0..<400 {
      var bytes = original
      let place = random.integer(in: 0...bytes.count - 1)
      switch round % 4 {
      case 0: bytes[place] ^= UInt8(1 << random.integer(in: 0...7))
      case 1: bytes.removeLast(bytes.count - place)
      case 2: bytes.insert(0, at: place)
      default: bytes[place..<min(place + 4, bytes.count)] = [255, 255, 255, 255]
      }
      try folder.write(bytes, to: "packed/shards.index")
      #expect(opening(folder).contains("packed/shards.index: "), "round \(round)")
      // The same with a checksum that is right.
      guard bytes.count > 12 else { continue }
      let checksum = CRC32.checksum(bytes.dropLast(4))
      for byte in 0..<4 {
        bytes[bytes.count - 4 + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(byte)))
      }
      try folder.write(bytes, to: "packed/shards.index")
      _ = reading(folder, .all)
      _ = try? problems(folder)
    }
  }
}

import Datasets
import Foundation
import Testing

@Suite struct TarHeaderTests {
  private static let files: [(name: String, content: [UInt8])] = [
    ("a.jpg", Array("hello".utf8)), ("a.json", Array(#"{"name":"a.jpg","part":"train"}"#.utf8)),
    ("sub/b-0002.png", [UInt8](repeating: UInt8(ascii: "x"), count: 512)),
    ("sub/b-0002.json", [UInt8](repeating: UInt8(ascii: "y"), count: 513)),
  ]

  /// An independent writer of the format agrees on every byte.
  @Test func blocksAreThoseOfGNUTar() throws {
    let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Fixtures/shards/gnu.tar")
    var archive: [UInt8] = []
    for file in Self.files {
      archive += TarHeader.block(name: file.name, byteCount: file.content.count)
      archive += file.content
      archive += repeatElement(0, count: TarHeader.paddingByteCount(after: file.content.count))
    }
    archive += TarHeader.end
    #expect(archive == Array(try Data(contentsOf: fixture)))
  }

  @Test(arguments: [0, 1, 511, 512, 513, 1_000_000_007, 8_589_934_591])
  func contentsFillWholeBlocks(byteCount: Int) {
    #expect((byteCount + TarHeader.paddingByteCount(after: byteCount)) % 512 == 0)
    let block = TarHeader.block(name: "a", byteCount: byteCount)
    #expect(block.count == 512)
    #expect(
      Int(String(decoding: block[124..<135], as: UTF8.self), radix: 8) == byteCount)
    let sum = block.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(block[$1])) }
    #expect(Int(String(decoding: block[148..<154], as: UTF8.self), radix: 8) == sum)
  }
}

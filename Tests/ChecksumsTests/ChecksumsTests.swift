import Checksums
import Testing

/// The libraries' functions against published values: that the right ones are called, rightly.
@Suite struct ChecksumsTests {
  @Test(arguments: [
    ("", 0xef46_db37_51d8_e999 as UInt64), ("a", 0xd24e_c4f1_a98c_6e5b),
    ("abc", 0x44bc_2cf5_ad77_0999),
    ("Nobody inspects the spammish repetition", 0xfbce_a83c_8a37_8bf1),
  ])
  func xxHash64AgreesWithPublishedValues(text: String, hash: UInt64) {
    #expect(xxHash64(Array(text.utf8)) == hash)
  }

  @Test func everyBitCountsInXXHash64() {
    for count in [1, 7, 8, 31, 32, 45] {
      let original = (0..<count).map { UInt8($0) }
      var hashes: Set = [xxHash64(original)]
      for bit in 0..<8 * count {
        var flipped = original
        flipped[bit / 8] ^= 1 << (bit % 8)
        hashes.insert(xxHash64(flipped))
      }
      #expect(hashes.count == 8 * count + 1)
    }
  }

  @Test(arguments: [
    ("", "99aa06d3014798d86001c324468d497f"), ("a", "a96faf705af16834e6c632b61e964e1f"),
    ("abc", "06b05ab6733a618578af5f94892f3950"),
  ])
  func xxHash128AgreesWithPublishedValues(text: String, digits: String) {
    #expect(xxHash128(Array(text.utf8), pieces: 1) == digits)
  }

  @Test func piecesMakeNoDifferenceToXXHash128() {
    for count in [1, 31, 240, 241, 5000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      for pieces in [2, 3, 17] {
        #expect(xxHash128(bytes, pieces: pieces) == xxHash128(bytes, pieces: 1))
      }
    }
  }

  @Test func crc32AgreesWithItsCheckValues() {
    #expect(CRC32.checksum(Array("123456789".utf8)[...]) == 0xcbf4_3926)
    #expect(CRC32.checksum([UInt8](repeating: 0, count: 32)[...]) == 0x190a_55ad)
    #expect(CRC32.checksum([]) == 0)
    #expect(CRC32.checksum(UnsafeRawBufferPointer(start: nil, count: 0)) == 0)
  }

  private func xxHash128(_ bytes: [UInt8], pieces: Int) -> String {
    var hasher = XXHash128()
    let cuts = (0...pieces).map { bytes.count * $0 / pieces }
    bytes.withUnsafeBytes { buffer in
      for (start, end) in zip(cuts, cuts.dropFirst()) {
        hasher.update(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      }
    }
    return hasher.hexadecimal
  }
}

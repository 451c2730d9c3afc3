import Checkpoints
import Testing

@Suite struct ContentHasherTests {
  private func hash(_ bytes: [UInt8]) -> String {
    var hasher = ContentHasher()
    bytes.withUnsafeBytes { hasher.update($0) }
    return hasher.hexadecimal
  }

  @Test func everySingleBitFlipChangesTheHash() {
    var generator = SeededGenerator(seed: 3)
    for count in [1, 7, 31, 32, 33, 64, 200] {
      var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let original = hash(bytes)
      var seen: Set<String> = [original]
      for bit in 0..<count * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8)
        #expect(seen.insert(hash(bytes)).inserted)
        bytes[bit / 8] ^= 1 << (bit % 8)
      }
      #expect(hash(bytes) == original)
    }
  }

  @Test func everyFlipMovesAboutHalfOfTheResult() {
    let bytes = [UInt8](repeating: 0, count: 96)
    let original = Array(hash(bytes))
    var changed = 0
    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << (bit % 8)
      changed += zip(original, hash(flipped)).count { $0 != $1 }
    }
    // Random digits differ in 60 of 64 places.
    #expect(changed > 55 * bytes.count * 8)
  }

  @Test func lengthsOfZerosDiffer() {
    let hashes = (0..<200).map { hash([UInt8](repeating: 0, count: $0)) }
    #expect(Set(hashes).count == hashes.count)
  }

  @Test func piecesMakeNoDifference() {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<200 {
      let bytes = (0..<Int.random(in: 0..<300, using: &generator)).map {
        UInt8(truncatingIfNeeded: $0 &* 37)
      }
      var hasher = ContentHasher()
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = Array(rest.prefix(Int.random(in: 0...70, using: &generator)))
        piece.withUnsafeBytes { hasher.update($0) }
        rest = rest.dropFirst(piece.count)
      }
      #expect(hasher.hexadecimal == hash(bytes))
    }
  }

  @Test func theDefinitionIsFixed() {
    // Checkpoints on disk depend on it.
    #expect(
      hash(Array("inpaint".utf8))
        == "edb2f595cda1f921552b18ed9dd2387edc9f5fbcd57c46c9293626d738fc9abc")
  }
}

package import TensorCore

/// Damages bytes at random, in ways that readers of files are prone to stumble over.
package struct Mutator: Sendable {
  /// Pieces of the format, which are inserted or written over others.
  private let tokens: [[UInt8]]

  /// Makes a mutator with pieces of a format.
  package init(tokens: [[UInt8]]) {
    self.tokens = tokens
  }

  /// A damaged copy: one to eight changes of bytes, bits, numbers, lengths and pieces.
  ///
  /// - Parameters:
  ///   - original: The bytes to damage.
  ///   - other: Another file, parts of which may get into this one.
  ///   - random: Decides everything.
  /// - Returns: The damaged bytes, which may be the same by chance.
  package func mutated(
    _ original: [UInt8], other: [UInt8], using random: inout CounterBasedRandom
  ) -> [UInt8] {
    var bytes = original
    for _ in 0..<(1 << random.integer(in: 0...3)) {
      if bytes.isEmpty { bytes = other }
      guard !bytes.isEmpty else { break }
      change(&bytes, other, using: &random)
    }
    return bytes
  }

  private func change(
    _ bytes: inout [UInt8], _ other: [UInt8], using random: inout CounterBasedRandom
  ) {
    let position = place(in: bytes, using: &random)
    let end = min(position + random.integer(in: 1...16), bytes.count)
    switch random.integer(in: 0...11) {
    case 0: bytes[position] ^= 1 << UInt8(random.integer(in: 0...7))
    case 1: bytes[position] = UInt8(random.integer(in: 0...255))
    case 2: bytes.removeSubrange(position..<end)
    case 3: bytes.insert(contentsOf: bytes[position..<end], at: position)
    case 4: bytes.removeSubrange(position...)
    case 5: overwrite(&bytes, at: position, with: extremeNumber(using: &random))
    case 6: bytes[position] &+= random.integer(in: 0...1) == 0 ? 1 : .max
    case 7:
      for index in position..<end { bytes[index] = UInt8(random.integer(in: 0...255)) }
    case 8 where !other.isEmpty:
      let start = random.integer(in: 0...other.count - 1)
      let length = random.integer(in: 1...64)
      bytes.replaceSubrange(position..<end, with: other[start..<min(start + length, other.count)])
    case 9 where !tokens.isEmpty:
      bytes.insert(contentsOf: token(using: &random), at: position)
    case 10 where !tokens.isEmpty:
      overwrite(&bytes, at: position, with: token(using: &random))
    default:
      let from = random.integer(in: 0...bytes.count - 1)
      let moved = Array(bytes[from..<min(from + random.integer(in: 1...200), bytes.count)])
      bytes.insert(contentsOf: moved, at: position)
    }
  }

  /// Headers decide most, so every other change is near the start.
  private func place(in bytes: [UInt8], using random: inout CounterBasedRandom) -> Int {
    let last = bytes.count - 1
    return random.integer(in: 0...(random.integer(in: 0...1) == 0 ? last : min(last, 64)))
  }

  private func token(using random: inout CounterBasedRandom) -> [UInt8] {
    tokens[random.integer(in: 0...tokens.count - 1)]
  }

  /// A number at the edge of what its bytes can hold, in either order of bytes.
  private func extremeNumber(using random: inout CounterBasedRandom) -> [UInt8] {
    let numbers: [UInt64] = [
      0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000,
      0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, .max,
    ]
    let number = numbers[random.integer(in: 0...numbers.count - 1)]
    let width = [1, 2, 4, 8][random.integer(in: 0...3)]
    let digits = (0..<width).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    return random.integer(in: 0...1) == 0 ? digits : digits.reversed()
  }

  private func overwrite(_ bytes: inout [UInt8], at position: Int, with piece: [UInt8]) {
    for (offset, byte) in piece.enumerated() where position + offset < bytes.count {
      bytes[position + offset] = byte
    }
  }
}

/// A fingerprint of a source's index: which images it holds, in which order and part.
///
/// Ranks compare it before the first step and a resumed run compares it with its checkpoint, so
/// that nobody trains on other data unnoticed. It covers names, not pixels.
///
/// - Reference: 128-bit FNV-1a.
package struct IndexHash: Hashable, Sendable, CustomStringConvertible {
  private var state: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D

  /// The fingerprint of nothing.
  package init() {}

  /// Adds a text and a number.
  package mutating func add(_ text: String, _ number: UInt8 = 0) {
    for byte in text.utf8 { add(byte) }
    // No file name holds a zero byte, so that the end of the text is certain.
    add(0)
    add(number)
  }

  /// Adds a number.
  mutating func add(number: UInt64) {
    state = (state ^ UInt128(number)) &* (1 << 88 + 0x13B)
  }

  /// 32 hexadecimal digits.
  package var description: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }

  /// The lower half, for exchange between ranks.
  package var low64: UInt64 { UInt64(truncatingIfNeeded: state) }

  private mutating func add(_ byte: UInt8) {
    state = (state ^ UInt128(byte)) &* (1 << 88 + 0x13B)
  }
}

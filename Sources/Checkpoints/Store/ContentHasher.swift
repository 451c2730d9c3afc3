/// The 256-bit hash of the first checkpoint format, fed with bytes that arrive in pieces.
///
/// `checkpoint hash` prints it and `state.json` begins with it, so that its values can be compared
/// with those of every version of the program; files are checked with `XXHash128`. Four lanes of 64
/// bits take the words of each 32-byte block: `lane = mix((lane ^ word) * odd)`. For a given word
/// that is a bijection of the lane, and for a given lane a bijection of the word; the final mixing
/// is a bijection of all four lanes. So a change that is confined to one word of each lane changes
/// the result with certainty, and any other is missed with a probability of about 2^-64. Not
/// cryptographic.
package struct ContentHasher: Sendable {
  private var lanes = SIMD4<UInt64>(
    0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 0x082E_FA98_EC4E_6C89)
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// Starts with no bytes.
  package init() { pending.reserveCapacity(32) }

  /// Takes the next bytes; how they are cut into pieces makes no difference.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let head = rest.prefix(32 - pending.count)
      pending.append(contentsOf: head)
      rest = rest[head.endIndex...]
      guard pending.count == 32 else { return }
      pending.withUnsafeBytes { lanes = Self.absorb($0, into: lanes) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count & ~31
    lanes = Self.absorb(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)), into: lanes)
    pending.append(contentsOf: rest.dropFirst(whole))
  }

  /// Takes text with its length, so that neighbouring texts cannot run together.
  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      update(integer: UInt64(utf8.count))
      update(UnsafeRawBufferPointer(utf8))
    }
  }

  /// Takes an integer as eight bytes.
  package mutating func update(integer: UInt64) {
    withUnsafeBytes(of: integer.littleEndian) { update($0) }
  }

  /// The hash of all bytes taken so far: 64 lower-case hexadecimal digits.
  package var hexadecimal: String {
    var state = lanes
    if !pending.isEmpty {
      let block = pending + [UInt8](repeating: 0, count: 32 - pending.count)
      block.withUnsafeBytes { state = Self.absorb($0, into: state) }
    }
    state[0] ^= byteCount
    for _ in 0..<4 {
      for lane in 0..<4 {
        let next = (lane + 1) & 3
        state[lane] = (state[lane] &+ state[next]) &* Self.multiplier
        state[lane] ^= state[lane] >> 29
        state[next] ^= state[lane] >> 17
      }
    }
    return (0..<4).map { lane in
      let digits = String(state[lane], radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Absorbs whole blocks of 32 bytes.
  private static func absorb(_ blocks: UnsafeRawBufferPointer, into lanes: SIMD4<UInt64>)
    -> SIMD4<UInt64>
  {
    var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
    var offset = 0
    while offset < blocks.count {
      a = mix(a, blocks.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      b = mix(b, blocks.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
      c = mix(c, blocks.loadUnaligned(fromByteOffset: offset &+ 16, as: UInt64.self))
      d = mix(d, blocks.loadUnaligned(fromByteOffset: offset &+ 24, as: UInt64.self))
      offset &+= 32
    }
    return SIMD4(a, b, c, d)
  }

  @inline(__always)
  private static func mix(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    let product = (lane ^ UInt64(littleEndian: word)) &* multiplier
    return product ^ product >> 32
  }
}

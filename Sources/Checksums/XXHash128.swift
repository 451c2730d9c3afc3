internal import SystemXXHash

/// Hashes bytes that arrive in pieces with XXH128, computed by libxxhash.
///
/// `xxhsum -H128` prints the same digits. Fast and sensitive to every bit, for finding accidents; no
/// protection against intent.
package struct XXHash128: ~Copyable {
  private let state: OpaquePointer

  /// Starts with no bytes.
  package init() {
    guard let state = XXH3_createState(), XXH3_128bits_reset(state) == XXH_OK else {
      fatalError("out of memory: libxxhash gave no state")
    }
    self.state = state
  }

  deinit { XXH3_freeState(state) }

  /// Takes the next bytes; how they are cut into pieces makes no difference.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    let status = XXH3_128bits_update(state, bytes.baseAddress, bytes.count)
    precondition(status == XXH_OK, "libxxhash refused \(bytes.count) bytes")
  }

  /// The hash of all bytes taken so far: 32 lower-case hexadecimal digits.
  package var hexadecimal: String {
    let hash = XXH3_128bits_digest(state)
    return [hash.high64, hash.low64].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

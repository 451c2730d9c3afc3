internal import SystemXXHash

/// Hashes bytes with XXH64, computed by libxxhash.
///
/// Fast and sensitive to every bit, for finding accidents; no protection against intent.
package func xxHash64(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
  XXH64(bytes.baseAddress, bytes.count, seed)
}

/// Hashes bytes with XXH64.
package func xxHash64(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
  bytes.withUnsafeBytes { xxHash64($0, seed: seed) }
}

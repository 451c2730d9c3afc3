internal import SystemZlib

/// The CRC-32 of zip, gzip and PNG, computed by zlib.
///
/// Finds every change within 32 neighbouring bits, and others with probability 1 - 2^-32.
package enum CRC32 {
  /// The checksum of `bytes`; of none, 0.
  package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    UInt32(crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
  }

  /// The checksum of `bytes`; of none, 0.
  package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0) }
  }
}

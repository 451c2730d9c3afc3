/// The CRC-32 of zip, gzip and PNG (polynomial 0xEDB88320, reflected), eight bytes at a time.
///
/// Finds every change within 32 neighbouring bits, and others with probability 1 - 2^-32.
package enum CRC32 {
  /// Table `k` advances a byte by `k` further zero bytes; all eight one after another.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for index in 0..<256 {
      var value = UInt32(index)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
      tables[index] = value
    }
    for index in 256..<tables.count {
      let previous = tables[index - 256]
      tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
    }
    return tables
  }()

  /// The checksum of `bytes`; of none, 0.
  package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    tables.withUnsafeBufferPointer { table in
      var crc: UInt32 = 0xFFFF_FFFF
      var position = 0
      while position &+ 8 <= bytes.count {
        let word = UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        let mixed = word ^ UInt64(crc)
        crc = 0
        for byte in 0..<8 {
          let value = Int(truncatingIfNeeded: mixed >> UInt64(byte &* 8) & 0xFF)
          crc ^= table[(7 &- byte) &* 256 &+ value]
        }
        position &+= 8
      }
      while position < bytes.count {
        crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[position])) & 0xFF)]
        position &+= 1
      }
      return ~crc
    }
  }

  /// The checksum of `bytes`; of none, 0.
  package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0) }
  }
}

/// The fields of a message in the binary format of Protocol Buffers, for looking at what was written.
package struct ProtobufFields: Sendable {
  /// The value of a field as it is laid out.
  package enum Value: Equatable, Sendable {
    /// int32, int64, bool, enum.
    case varint(UInt64)
    /// double.
    case eightBytes(UInt64)
    /// float.
    case fourBytes(UInt32)
    /// string, bytes, a message.
    case bytes([UInt8])
  }

  /// Numbers and values in the order of the message.
  package let fields: [(number: Int, value: Value)]

  /// Reads a message; nil where it is none.
  package init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    var fields: [(number: Int, value: Value)] = []
    while !rest.isEmpty {
      guard let key = Self.varint(&rest) else { return nil }
      let value: Value
      switch key & 7 {
      case 0:
        guard let number = Self.varint(&rest) else { return nil }
        value = .varint(number)
      case 1:
        guard let number = Self.fixed(&rest, count: 8) else { return nil }
        value = .eightBytes(number)
      case 2:
        guard let count = Self.varint(&rest), count <= rest.count else { return nil }
        value = .bytes(Array(rest.prefix(Int(count))))
        rest = rest.dropFirst(Int(count))
      case 5:
        guard let number = Self.fixed(&rest, count: 4) else { return nil }
        value = .fourBytes(UInt32(number))
      default:
        return nil
      }
      fields.append((Int(key >> 3), value))
    }
    self.fields = fields
  }

  /// The values of a field.
  package func values(_ number: Int) -> [Value] {
    fields.filter { $0.number == number }.map(\.value)
  }

  /// The values of a field of whole numbers.
  package func integers(_ number: Int) -> [Int] {
    values(number).compactMap { value in
      guard case .varint(let bits) = value else { return nil }
      return Int(Int64(bitPattern: bits))
    }
  }

  /// The values of a field of type float.
  package func floats(_ number: Int) -> [Float] {
    values(number).compactMap { value in
      guard case .fourBytes(let bits) = value else { return nil }
      return Float(bitPattern: bits)
    }
  }

  /// The values of a field of type double.
  package func doubles(_ number: Int) -> [Double] {
    values(number).compactMap { value in
      guard case .eightBytes(let bits) = value else { return nil }
      return Double(bitPattern: bits)
    }
  }

  /// The values of a field of type bytes.
  package func bytes(_ number: Int) -> [[UInt8]] {
    values(number).compactMap { value in
      guard case .bytes(let bytes) = value else { return nil }
      return bytes
    }
  }

  /// The values of a field of type string.
  package func texts(_ number: Int) -> [String] {
    bytes(number).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The values of a field of messages.
  package func messages(_ number: Int) -> [ProtobufFields] {
    bytes(number).compactMap { ProtobufFields($0) }
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func fixed(_ bytes: inout ArraySlice<UInt8>, count: Int) -> UInt64? {
    guard bytes.count >= count else { return nil }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

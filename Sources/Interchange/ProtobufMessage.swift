/// A message in the binary format of Protocol Buffers, while it is written.
///
/// Fields appear in the order in which they are added; a repeated field is added once for each value.
///
/// - Reference: protobuf.dev, "Encoding".
package struct ProtobufMessage: Sendable {
  /// The message so far.
  package private(set) var bytes: [UInt8] = []

  /// Starts without fields.
  package init() {}

  /// Adds a field of type int32, int64, bool or enum.
  package mutating func add(_ field: Int, _ value: Int) {
    addKey(field, .varint)
    addVarint(UInt64(bitPattern: Int64(value)))
  }

  /// Adds a field of type float.
  package mutating func add(_ field: Int, _ value: Float) {
    addKey(field, .fourBytes)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Adds a field of type double.
  package mutating func add(_ field: Int, _ value: Double) {
    addKey(field, .eightBytes)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Adds a field of type string.
  package mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

  /// Adds a field of type bytes.
  package mutating func add(_ field: Int, _ contents: [UInt8]) {
    addKey(field, .lengthAndBytes)
    addVarint(UInt64(contents.count))
    bytes.append(contentsOf: contents)
  }

  /// Adds a field that is a message itself.
  package mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, message.bytes) }

  /// How the value of a field is laid out; the raw value is part of its key.
  private enum WireType: UInt64 {
    case varint = 0
    case eightBytes = 1
    case lengthAndBytes = 2
    case fourBytes = 5
  }

  private mutating func addKey(_ field: Int, _ type: WireType) {
    addVarint(UInt64(field) << 3 | type.rawValue)
  }

  /// Seven bits a byte, the lowest first; the eighth bit says that more follow.
  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

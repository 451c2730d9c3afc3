/// The bytes of a pickle and the arguments that stand between its instructions.
struct PickleInput {
  private let bytes: UnsafeRawBufferPointer
  /// The byte that is read next.
  private(set) var position: Int

  /// Starts at `position` of `bytes`, which have to outlive the value.
  init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// Reads one byte.
  mutating func byte() throws(PickleError) -> UInt8 { bytes[try range(byteCount: 1).lowerBound] }

  /// Reads a little-endian integer.
  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type)
    throws(PickleError) -> Value
  {
    let start = try range(byteCount: MemoryLayout<Value>.size).lowerBound
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: type))
  }

  /// Reads a length, which cannot exceed what is left of the input.
  mutating func length<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type)
    throws(PickleError) -> Int
  {
    let value = try integer(type)
    guard let length = Int(exactly: value), length <= bytes.count - position else { throw ended }
    return length
  }

  /// Skips bytes and returns where they are.
  mutating func range(byteCount: Int) throws(PickleError) -> Range<Int> {
    guard byteCount >= 0, byteCount <= bytes.count - position else { throw ended }
    defer { position += byteCount }
    return position..<position + byteCount
  }

  /// Reads text; bytes that are not UTF-8 (Python 2 strings) are replaced by U+FFFD.
  mutating func string(byteCount: Int) throws(PickleError) -> String {
    String(decoding: bytes[try range(byteCount: byteCount)], as: UTF8.self)
  }

  /// Reads text up to the end of the line.
  mutating func line() throws(PickleError) -> String {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { throw ended }
    let text = try string(byteCount: end - position)
    position += 1
    return text
  }

  /// Reads a line with a decimal number, or with 00 or 01 for a truth value.
  mutating func decimalLine() throws(PickleError) -> PickleValue {
    var text = try line()
    if text == "00" || text == "01" { return .bool(text == "01") }
    if text.hasSuffix("L") { text.removeLast() }
    guard let value = Int(text) else {
      throw PickleError(reason: "\"\(text.prefix(40))\" is not a whole number")
    }
    return .integer(value)
  }

  /// Reads a two's complement integer of any length.
  mutating func long(byteCount: Int) throws(PickleError) -> PickleValue {
    let digits = bytes[try range(byteCount: byteCount)]
    guard byteCount <= 8 else { return .largeInteger(Array(digits)) }
    let isNegative = digits.last.map { $0 >= 0x80 } ?? false
    var value = isNegative ? -1 : 0
    for digit in digits.reversed() { value = value << 8 | Int(digit) }
    return .integer(value)
  }

  private var ended: PickleError { PickleError(reason: "the pickle ends in the middle") }
}

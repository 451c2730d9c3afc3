/// Reads the part of JSON that a safetensors header uses: objects, strings and arrays of whole
/// numbers.
///
/// Foundation's parser cannot do it: it drops the order of keys and lets a later duplicate win.
/// Nesting is bounded by the caller's grammar, so hostile input cannot exhaust the stack.
struct JSONScanner {
  /// What is wrong with the text, and the tensor concerned if one is.
  struct Failure: Error {
    var reason: String
    var tensor: String?
  }

  private let text: UnsafeRawBufferPointer
  private var position = 0

  /// Starts at the first byte of `text`, which has to outlive the scanner.
  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// Reads an object; `member` reads the value of the key it is given.
  mutating func object(
    _ member: (String, inout JSONScanner) throws(Failure) -> Void
  ) throws(Failure) {
    try expect("{")
    if skip("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(key, &self)
    } while skip(",")
    try expect("}")
  }

  /// Reads an array of whole numbers that are not negative.
  mutating func naturalNumbers() throws(Failure) -> [Int] {
    try expect("[")
    if skip("]") { return [] }
    var numbers: [Int] = []
    repeat { numbers.append(try naturalNumber()) } while skip(",")
    try expect("]")
    return numbers
  }

  /// Reads a string.
  mutating func string() throws(Failure) -> String {
    try expect("\"")
    var bytes: [UInt8] = []
    while let byte = peek() {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: bytes, as: UTF8.self) else {
          throw failure("a string is not valid UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): try appendEscape(to: &bytes)
      case 0..<0x20: throw failure("a control character stands in a string")
      default: bytes.append(byte)
      }
    }
    throw failure("a string does not end")
  }

  /// Checks that only white space is left.
  mutating func expectEnd() throws(Failure) {
    skipWhitespace()
    guard position == text.count else { throw failure("text follows the JSON object") }
  }

  private mutating func naturalNumber() throws(Failure) -> Int {
    skipWhitespace()
    let start = position
    var value = 0
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !overflow, !carry else { throw failure("a number is too large") }
      value = sum
      position += 1
    }
    guard position > start else { throw failure("a whole number is expected") }
    guard position == start + 1 || text[start] != UInt8(ascii: "0") else {
      throw failure("a number starts with 0")
    }
    return value
  }

  private mutating func appendEscape(to bytes: inout [UInt8]) throws(Failure) {
    guard let byte = peek() else { throw failure("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"):
      var units = [try codeUnit()]
      if UTF16.isLeadSurrogate(units[0]) {
        guard peek() == UInt8(ascii: "\\") else { throw failure("half a surrogate pair") }
        position += 1
        guard peek() == UInt8(ascii: "u") else { throw failure("half a surrogate pair") }
        position += 1
        units.append(try codeUnit())
      }
      guard let scalars = String(validating: units, as: UTF16.self) else {
        throw failure("half a surrogate pair")
      }
      bytes += scalars.utf8
    default: throw failure("unknown escape in a string")
    }
  }

  private mutating func codeUnit() throws(Failure) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(UnicodeScalar(byte)).hexDigitValue,
        byte < 0x80
      else { throw failure("four hexadecimal digits are expected after \\u") }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  private func peek() -> UInt8? { position < text.count ? text[position] : nil }

  private mutating func skipWhitespace() {
    while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  private mutating func skip(_ expected: UnicodeScalar) -> Bool {
    skipWhitespace()
    guard peek() == UInt8(ascii: expected) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ expected: UnicodeScalar) throws(Failure) {
    guard skip(expected) else { throw failure("\"\(expected)\" is expected") }
  }

  private func failure(_ reason: String) -> Failure {
    Failure(reason: "the header is not valid: \(reason) at byte \(position)")
  }
}

import Glibc

/// A line of a log of numbers: a JSON object whose members are numbers or lists of numbers.
package struct FlatRecord: Equatable, Sendable {
  /// Names and values in the order of the line; a number is a list of one, null is NaN.
  package private(set) var members: [(name: String, values: [Double])] = []

  /// Makes a record of members.
  package init(_ members: [(name: String, values: [Double])] = []) { self.members = members }

  package static func == (a: FlatRecord, b: FlatRecord) -> Bool {
    a.members.elementsEqual(b.members) { $0.name == $1.name && $0.values == $1.values }
  }

  /// The number of a name; nil where it is not there or no single number.
  package subscript(_ name: String) -> Double? {
    guard let values = list(name), values.count == 1 else { return nil }
    return values[0]
  }

  /// The numbers of a name; nil where it is not there.
  package func list(_ name: String) -> [Double]? { members.first { $0.name == name }?.values }

  /// Reads the lines of a log that a run has written, one by one.
  ///
  /// A line of any other form, such as the half one that a crash leaves, is left out.
  ///
  /// - Parameters:
  ///   - contents: The file's bytes.
  ///   - body: Receives each line's record.
  package static func forEach(in contents: [UInt8], _ body: (FlatRecord) -> Void) {
    // The terminating zero ends every scan, so that none runs beyond the last line.
    (contents + [0]).withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      let end = base + contents.count
      var line = base
      while line < end {
        let newline = memchr(line, 10, end - line)
        let lineEnd = newline.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) } ?? end
        var scanner = Scanner(position: line, end: lineEnd)
        if let record = scanner.record() { body(record) }
        line = lineEnd + 1
      }
    }
  }

  private struct Scanner {
    var position: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>

    mutating func record() -> FlatRecord? {
      var record = FlatRecord()
      guard skip("{") else { return nil }
      repeat {
        guard let name = name(), skip(":"), let values = values() else { return nil }
        record.members.append((name, values))
      } while skip(",")
      return skip("}") ? record : nil
    }

    private mutating func values() -> [Double]? {
      guard skip("[") else { return number().map { [$0] } }
      var values: [Double] = []
      if skip("]") { return values }
      repeat {
        guard let value = number() else { return nil }
        values.append(value)
      } while skip(",")
      return skip("]") ? values : nil
    }

    /// Skips spaces and this character; false where another one comes.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
      while position < end, position.pointee == UInt8(ascii: " ") { position += 1 }
      guard position < end, position.pointee == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    private mutating func name() -> String? {
      guard skip("\""), let quote = memchr(position, 34, end - position) else { return nil }
      let close = UnsafePointer(quote.assumingMemoryBound(to: UInt8.self))
      defer { position = close + 1 }
      return String(
        decoding: UnsafeBufferPointer(start: position, count: close - position), as: UTF8.self)
    }

    private mutating func number() -> Double? {
      if skip("n") {
        position += min(3, end - position)
        return .nan
      }
      var stop: UnsafeMutablePointer<CChar>?
      let value = position.withMemoryRebound(to: CChar.self, capacity: end - position) {
        strtod($0, &stop)
      }
      guard let stop else { return nil }
      let next = UnsafeRawPointer(stop).assumingMemoryBound(to: UInt8.self)
      guard next > position, next <= end else { return nil }
      position = next
      return value
    }
  }
}

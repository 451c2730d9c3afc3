import Images

/// A text list with one line for each image: a file name, then whole numbers.
///
/// The files published with CelebA come in several forms, all of which are read: lines end with LF
/// or CRLF; a byte order mark may stand in front; a first line may give the number of images, and a line of column names may follow;
/// fields are separated by blanks or commas.
struct AnnotationList {
  /// The file.
  let path: String
  private let bytes: [UInt8]

  private static let remedy = "restore the line, or download the list again"

  /// Reads a list into memory.
  ///
  /// - Throws: `DatasetError` where the file cannot be read.
  init(path: String) throws {
    self.path = path
    do {
      let stored = try imageFileContents(path)
      let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
      bytes = stored.starts(with: byteOrderMark) ? Array(stored.dropFirst(3)) : stored
    } catch {
      throw DatasetError(.unreadableFile, path, "the list cannot be read (\(error))")
    }
  }

  /// Goes through the rows in order.
  ///
  /// - Parameters:
  ///   - columnCount: Numbers in each row; nil takes it from the column names or the first row.
  ///   - row: Is given the line (from 1), the file name and the numbers.
  /// - Returns: The column names (empty where the list has none) and the number of rows.
  /// - Throws: `DatasetError` naming the first bad line, or where rows are missing; what `row`
  ///   throws.
  @discardableResult
  func forEachRow(
    columnCount: Int? = nil,
    _ row: (_ line: Int, _ name: String, _ numbers: [Int]) throws -> Void
  ) throws -> (columnNames: [String], rowCount: Int) {
    try bytes.withUnsafeBufferPointer { buffer in
      var fields = FieldReader(buffer)
      var header = Header()
      var columnCount = columnCount
      var numbers: [Int] = []
      var rowCount = 0
      while fields.nextLine() {
        guard let name = fields.nextField() else { continue }
        numbers.removeAll(keepingCapacity: true)
        var other: UnsafeBufferPointer<UInt8>?
        while let field = fields.nextField() {
          guard let number = wholeNumber(field) else {
            other = field
            break
          }
          numbers.append(number)
        }
        if rowCount == 0
          && header.takes(name, numbers, other, columnCount: columnCount, restOfLine: &fields)
        {
          continue
        }
        if columnCount == nil { columnCount = header.columnNames.map(\.count) ?? numbers.count }
        guard other == nil, numbers.count == columnCount else {
          throw DatasetError(
            .malformedList, "\(path) line \(fields.line)",
            "\"\(fields.text)\" is not a file name and \(columnCount ?? 1) whole numbers",
            remedy: Self.remedy)
        }
        try row(fields.line, String(decoding: name, as: UTF8.self), numbers)
        rowCount += 1
      }
      if let declared = header.declaredRowCount, declared != rowCount {
        throw DatasetError(
          .malformedList, path,
          "the first line announces \(declared) images, but \(rowCount) follow",
          remedy: "the list is not complete: download it again")
      }
      return (header.columnNames ?? [], rowCount)
    }
  }
}

/// What stands above the rows of a list.
private struct Header {
  var declaredRowCount: Int?
  var columnNames: [String]?

  /// True where a line is part of the header: a single number, or words only.
  mutating func takes(
    _ first: UnsafeBufferPointer<UInt8>, _ numbers: [Int], _ other: UnsafeBufferPointer<UInt8>?,
    columnCount: Int?, restOfLine fields: inout FieldReader
  ) -> Bool {
    if numbers.isEmpty, other == nil, declaredRowCount == nil, columnNames == nil,
      let count = wholeNumber(first)
    {
      declaredRowCount = count
      return true
    }
    guard numbers.isEmpty, let other, columnNames == nil else { return false }
    var names = [String(decoding: first, as: UTF8.self), String(decoding: other, as: UTF8.self)]
    while let field = fields.nextField() { names.append(String(decoding: field, as: UTF8.self)) }
    if names[0] == "image_id" { names.removeFirst() }
    guard columnCount == nil || columnCount == names.count else { return false }
    columnNames = names
    return true
  }
}

/// Cuts a text into lines and fields.
private struct FieldReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var lineStart = 0
  private var lineEnd = -1
  private var cursor = 0
  /// The current line, from 1.
  private(set) var line = 0

  init(_ text: UnsafeBufferPointer<UInt8>) {
    bytes = text
  }

  /// Goes on to the next line; false at the end of the text.
  mutating func nextLine() -> Bool {
    lineStart = lineEnd + 1
    guard lineStart < bytes.count else { return false }
    lineEnd = lineStart
    while lineEnd < bytes.count && bytes[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
    cursor = lineStart
    line += 1
    return true
  }

  /// The next field of the line.
  mutating func nextField() -> UnsafeBufferPointer<UInt8>? {
    while cursor < lineEnd && isSeparator(bytes[cursor]) { cursor += 1 }
    let start = cursor
    while cursor < lineEnd && !isSeparator(bytes[cursor]) { cursor += 1 }
    return cursor > start ? UnsafeBufferPointer(rebasing: bytes[start..<cursor]) : nil
  }

  /// The start of the line, fit for a message.
  var text: String {
    let shown = String(decoding: bytes[lineStart..<min(lineEnd, lineStart + 60)], as: UTF8.self)
    return String(shown.unicodeScalars.filter { $0.value >= 32 })
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\t")
      || byte == UInt8(ascii: "\r")
  }
}

/// A decimal number of at most nine digits, with or without a sign.
private func wholeNumber(_ field: UnsafeBufferPointer<UInt8>) -> Int? {
  var digits = field[...]
  let isNegative = digits.first == UInt8(ascii: "-")
  if isNegative { digits = digits.dropFirst() }
  guard (1...9).contains(digits.count) else { return nil }
  var number = 0
  for byte in digits {
    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
    number = number * 10 + Int(byte - UInt8(ascii: "0"))
  }
  return isNegative ? -number : number
}

internal import Files

/// The header of a safetensors file: what is where.
///
/// Layout of the file: 8 bytes little-endian header length, the header in JSON padded with spaces,
/// then the tensors one after another without gaps.
struct SafetensorsHeader {
  /// One tensor's place in the file.
  struct Entry: Equatable {
    var name: String
    var elementType: StoredElementType
    var shape: [Int]
    /// Byte range relative to the first byte after the header.
    var range: Range<Int>
  }

  /// Longest header accepted, in bytes; the reference implementation has the same limit.
  static let maximumByteCount = 100_000_000

  var entries: [Entry]
  var metadata: [String: String]
}

extension SafetensorsHeader {
  /// The position of the first byte after the header.
  ///
  /// - Parameters:
  ///   - firstBytes: At least the first 8 bytes of the file, if it has as many.
  ///   - fileByteCount: The size of the file.
  ///   - path: The file, for messages.
  /// - Returns: The position, at most the size of the file.
  /// - Throws: `TensorFileError` if the header is too long for the file or for any file.
  static func dataStart(firstBytes: UnsafeRawBufferPointer, fileByteCount: Int, path: String)
    throws(TensorFileError) -> Int
  {
    guard fileByteCount >= 8, firstBytes.count >= 8 else {
      throw TensorFileError(
        path: path, reason: "\(fileByteCount) bytes are too few for a safetensors file")
    }
    let length = UInt64(littleEndian: firstBytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(maximumByteCount) else {
      throw TensorFileError(
        path: path, reason: "a header of \(length) bytes is too long: not a safetensors file?")
    }
    guard 8 + Int(length) <= fileByteCount else {
      throw TensorFileError(
        path: path,
        reason: "the header takes \(length) bytes, the file has \(fileByteCount - 8) for it: "
          + "it has been cut short")
    }
    return 8 + Int(length)
  }

  /// Reads and checks the header of a file, and nothing after it.
  ///
  /// - Throws: `TensorFileError`, `SystemCallError`.
  static func read(_ path: String) throws -> SafetensorsHeader {
    let reader = try FileReader(path)
    var start = [UInt8](repeating: 0, count: min(8, reader.byteCount))
    try start.withUnsafeMutableBytes { try reader.read(into: $0) }
    let dataStart = try start.withUnsafeBytes {
      try Self.dataStart(firstBytes: $0, fileByteCount: reader.byteCount, path: path)
    }
    var text = [UInt8](repeating: 0, count: dataStart - 8)
    try text.withUnsafeMutableBytes { try reader.read(into: $0) }
    return try text.withUnsafeBytes {
      try SafetensorsHeader(
        parsing: $0, dataByteCount: reader.byteCount - dataStart, path: path)
    }
  }

  /// Parses and checks a header.
  ///
  /// - Parameters:
  ///   - text: The header's bytes, without the length in front.
  ///   - dataByteCount: The number of bytes after the header.
  ///   - path: The file, for messages.
  /// - Throws: `TensorFileError` for malformed JSON, unknown keys or element types, names that
  ///   occur twice, and for byte ranges that contradict the shape, overlap, leave holes or end
  ///   elsewhere than the file.
  init(parsing text: UnsafeRawBufferPointer, dataByteCount: Int, path: String)
    throws(TensorFileError)
  {
    entries = []
    metadata = [:]
    do {
      try parse(text)
    } catch {
      throw TensorFileError(path: path, tensor: error.tensor, reason: error.reason)
    }
    try check(dataByteCount: dataByteCount, path: path)
  }

  private mutating func parse(_ text: UnsafeRawBufferPointer) throws(JSONScanner.Failure) {
    var scanner = JSONScanner(text)
    var names: Set<String> = []
    try scanner.object { (key, scanner) throws(JSONScanner.Failure) in
      guard names.insert(key).inserted else {
        throw JSONScanner.Failure(reason: "the name occurs twice in the header", tensor: key)
      }
      if key == "__metadata__" {
        metadata = try Self.metadata(&scanner)
      } else {
        do throws(JSONScanner.Failure) {
          entries.append(try Self.entry(named: key, &scanner))
        } catch {
          throw JSONScanner.Failure(reason: error.reason, tensor: key)
        }
      }
    }
    try scanner.expectEnd()
  }

  private static func metadata(_ scanner: inout JSONScanner) throws(JSONScanner.Failure)
    -> [String: String]
  {
    var result: [String: String] = [:]
    try scanner.object { (key, scanner) throws(JSONScanner.Failure) in
      guard result.updateValue(try scanner.string(), forKey: key) == nil else {
        throw JSONScanner.Failure(reason: "the metadata key \"\(key)\" occurs twice")
      }
    }
    return result
  }

  private static func entry(named name: String, _ scanner: inout JSONScanner)
    throws(JSONScanner.Failure) -> Entry
  {
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { (key, scanner) throws(JSONScanner.Failure) in
      switch key {
      case "dtype" where typeName == nil: typeName = try scanner.string()
      case "shape" where shape == nil: shape = try scanner.naturalNumbers()
      case "data_offsets" where offsets == nil: offsets = try scanner.naturalNumbers()
      default:
        throw JSONScanner.Failure(reason: "unknown or repeated key \"\(key)\" in the header")
      }
    }
    guard let typeName, let shape, let offsets else {
      throw JSONScanner.Failure(reason: "dtype, shape or data_offsets is missing in the header")
    }
    guard let elementType = StoredElementType(rawValue: typeName) else {
      let known = StoredElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw JSONScanner.Failure(
        reason: "element type \"\(typeName)\" is not supported; known are \(known)")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw JSONScanner.Failure(reason: "data_offsets \(offsets) are not a begin and an end")
    }
    return Entry(
      name: name, elementType: elementType, shape: shape, range: offsets[0]..<offsets[1])
  }

  private func check(dataByteCount: Int, path: String) throws(TensorFileError) {
    let inFileOrder = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    for entry in inFileOrder {
      func failure(_ reason: String) -> TensorFileError {
        TensorFileError(path: path, tensor: entry.name, reason: reason)
      }
      guard let count = entry.elementType.elementCount(ofShape: entry.shape) else {
        throw failure("impossible shape \(entry.shape)")
      }
      let bytes = count * entry.elementType.byteCount
      guard bytes == entry.range.count else {
        throw failure(
          "shape \(entry.shape) of \(entry.elementType.rawValue) takes \(bytes) bytes, "
            + "the header gives it \(entry.range.count)")
      }
      guard entry.range.lowerBound == end else {
        throw failure(
          entry.range.lowerBound < end
            ? "its bytes overlap with those of another tensor"
            : "there are \(entry.range.lowerBound - end) unused bytes in front of it")
      }
      end = entry.range.upperBound
      guard end <= dataByteCount else {
        throw failure(
          "ends at byte \(end) of the data, the file has \(dataByteCount): it has been cut short")
      }
    }
    guard end == dataByteCount else {
      throw TensorFileError(
        path: path, reason: "\(dataByteCount - end) bytes follow the last tensor")
    }
  }
}

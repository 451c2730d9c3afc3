package import Files

/// Where each tensor goes in a safetensors file, and the bytes of the header.
///
/// Tensors are ordered by element size, largest first, and otherwise as given, so that each starts
/// at a multiple of its element size. Equal input gives equal bytes.
package struct SafetensorsLayout {
  /// Receives the file's bytes from first to last, in pieces.
  package typealias Sink = (UnsafeRawBufferPointer) throws(SystemCallError) -> Void

  /// The tensors in file order.
  package let tensors: [NamedTensor]
  /// The header's length and text, padded to a multiple of 8 bytes.
  package let header: [UInt8]
  /// The size of the whole file.
  package let byteCount: Int

  /// Lays out tensors.
  ///
  /// - Precondition: Names are unique, and none is `__metadata__`.
  package init(_ tensors: [NamedTensor], metadata: [String: String] = [:]) {
    let names = Set(tensors.map(\.name))
    precondition(names.count == tensors.count, "safetensors: a tensor name occurs twice")
    precondition(!names.contains("__metadata__"), "safetensors: __metadata__ is a reserved name")

    // `sorted` does not promise to keep the order of equal elements; the index does.
    let ordered = tensors.enumerated().sorted {
      ($1.element.elementType.byteCount, $0.offset) < ($0.element.elementType.byteCount, $1.offset)
    }.map(\.element)

    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { key, value in
        "\(Self.quoted(key)):\(Self.quoted(value))"
      }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for tensor in ordered {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + tensor.byteCount
      members.append(
        "\(Self.quoted(tensor.name)):{\"dtype\":\"\(tensor.elementType.rawValue)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }

    self.tensors = ordered
    header = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    byteCount = header.count + offset
  }

  /// Hands the file's bytes to `sink`, tensor by tensor.
  package func write(to sink: Sink) throws(SystemCallError) {
    try header.withUnsafeBufferPointer { (bytes) throws(SystemCallError) in
      try sink(UnsafeRawBufferPointer(bytes))
    }
    for tensor in tensors where tensor.byteCount > 0 { try tensor.withUnsafeBytes(sink) }
  }

  private static func quoted(_ string: String) -> String {
    var result = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

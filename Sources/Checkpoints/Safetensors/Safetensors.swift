internal import Files

/// Reads and writes safetensors files.
///
/// Files written here load in the `safetensors` package for Python, and a file that either of them
/// wrote comes out of reading and writing again with the same bytes (metadata keys are sorted
/// here).
package enum Safetensors {
  /// Reads a file.
  ///
  /// - Throws: `TensorFileError` that names the file and the tensor if anything in it is not as the
  ///   format demands; `SystemCallError` if it cannot be read.
  package static func read(_ path: String) throws -> TensorFile {
    try parse(FileBytes.read(path), path: path)
  }

  /// Reads a file that is in memory; the tensors are views of `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: Where the bytes came from, for messages.
  /// - Returns: The tensors in the order of the header.
  /// - Throws: `TensorFileError` if anything in it is not as the format demands.
  package static func parse(_ bytes: FileBytes, path: String) throws(TensorFileError) -> TensorFile
  {
    let (header, dataStart) = try bytes.withUnsafeBytes {
      (all: UnsafeRawBufferPointer) throws(TensorFileError) in
      let dataStart = try SafetensorsHeader.dataStart(
        firstBytes: all, fileByteCount: all.count, path: path)
      let header = try SafetensorsHeader(
        parsing: UnsafeRawBufferPointer(rebasing: all[8..<dataStart]),
        dataByteCount: all.count - dataStart, path: path)
      return (header, dataStart)
    }
    return try TensorFile(
      path: path,
      tensors: header.entries.map { entry in
        let range = entry.range.lowerBound + dataStart..<entry.range.upperBound + dataStart
        return (
          entry.name,
          StoredTensor(
            elementType: entry.elementType, shape: entry.shape, source: bytes, range: range)
        )
      },
      metadata: header.metadata)
  }

  /// Writes a file: under a temporary name beside it first, then renamed, both made durable.
  ///
  /// - Parameters:
  ///   - tensors: Written in the order of `SafetensorsLayout`.
  ///   - metadata: Free text to carry beside the tensors.
  ///   - path: The file, replaced if it exists.
  /// - Throws: `SystemCallError`; an older file of that name then stays as it is.
  package static func write(
    _ tensors: [NamedTensor], metadata: [String: String] = [:], to path: String
  ) throws {
    let layout = SafetensorsLayout(tensors, metadata: metadata)
    try DurableFileWriter(fileSystem: POSIXFileSystem()).replaceFile(at: path) {
      sink throws(SystemCallError) in
      try layout.write(to: sink)
    }
  }
}

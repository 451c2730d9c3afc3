/// What a checkpoint holds, without the values.
package struct CheckpointSummary: Encodable, Sendable {
  /// One tensor.
  package struct Tensor: Encodable, Sendable {
    /// The name in the file.
    package let name: String
    /// The number format.
    package let elementType: StoredElementType
    /// The extents, outermost first.
    package let shape: [Int]
  }

  /// One file.
  package struct File: Encodable, Sendable {
    /// The file's name with extension.
    package let name: String
    /// Its size.
    package let byteCount: Int
    /// Its checksum.
    package let hash: ContentHash
    /// Its tensors in the order of the file.
    package let tensors: [Tensor]

    /// The number of elements of all tensors together.
    package var elementCount: Int {
      tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
    }
  }

  /// The checkpoint's folder.
  package let directory: String
  /// The version of the format that it was written in.
  package let formatVersion: Int
  /// Counters, seed, configuration.
  package let state: CheckpointState
  /// The files in the order in which they were written.
  package let files: [File]
}

extension CheckpointDirectory {
  /// Lists what the checkpoint holds, after checking it.
  ///
  /// - Throws: As `load`.
  package func summary() throws -> CheckpointSummary {
    let manifest = try manifest()
    let files = try headers().map { record, header in
      CheckpointSummary.File(
        name: record.name, byteCount: record.byteCount, hash: record.hash,
        tensors: header.entries.map {
          .init(name: $0.name, elementType: $0.elementType, shape: $0.shape)
        })
    }
    return CheckpointSummary(
      directory: path, formatVersion: manifest.formatVersion, state: manifest.state, files: files)
  }
}

/// Everything that goes into a checkpoint, at one step.
package struct CheckpointSnapshot {
  /// The tensors of one file.
  package struct File {
    /// The file's name without extension, such as `generator`.
    package let name: String
    /// Its tensors by published names.
    package let tensors: [NamedTensor]
    /// Free text that it carries beside them.
    package let metadata: [String: String]

    /// Names a file's content.
    ///
    /// - Precondition: The name is not empty, holds no `/` and does not start with a dot.
    package init(name: String, tensors: [NamedTensor], metadata: [String: String] = [:]) {
      precondition(CheckpointManifest.isPlainName(name + ".safetensors") && !name.isEmpty)
      self.name = name
      self.tensors = tensors
      self.metadata = metadata
    }
  }

  /// Counters, seed, configuration.
  package let state: CheckpointState
  /// The files in the order in which they are written.
  package let files: [File]

  /// Collects files of any names.
  ///
  /// - Precondition: The names are unique.
  package init(state: CheckpointState, files: [File]) {
    precondition(Set(files.map(\.name)).count == files.count, "a checkpoint file occurs twice")
    self.state = state
    self.files = files
  }

  /// Collects the three files that every checkpoint has, and more if there are.
  package init(
    state: CheckpointState, generator: [NamedTensor], discriminator: [NamedTensor],
    optimizer: [NamedTensor], additional: [File] = []
  ) {
    self.init(
      state: state,
      files: [
        File(name: "generator", tensors: generator),
        File(name: "discriminator", tensors: discriminator),
        File(name: "optimizer", tensors: optimizer),
      ] + additional)
  }

  /// Bytes of all tensors together.
  package var tensorByteCount: Int {
    files.reduce(0) { sum, file in file.tensors.reduce(sum) { $0 + $1.byteCount } }
  }
}

/// A checkpoint in memory, checked against its checksums.
package struct LoadedCheckpoint: Sendable {
  /// The folder it came from.
  package let directory: String
  /// Counters, seed, configuration.
  package let state: CheckpointState
  /// The files by name without extension, in the order in which they were written.
  package let files: [(name: String, tensors: TensorFile)]

  /// The file of a name, such as `generator-ema`; nil if the checkpoint has none.
  package subscript(name: String) -> TensorFile? { files.first { $0.name == name }?.tensors }

  /// The generator's parameters and buffers.
  package var generator: TensorFile { get throws { try file("generator") } }
  /// The discriminator's parameters and buffers.
  package var discriminator: TensorFile { get throws { try file("discriminator") } }
  /// The optimisers' moments.
  package var optimizer: TensorFile { get throws { try file("optimizer") } }

  /// The file of a name.
  ///
  /// - Throws: `CheckpointError.missingFile`.
  package func file(_ name: String) throws -> TensorFile {
    guard let file = self[name] else {
      throw CheckpointError.missingFile(directory: directory, name: name)
    }
    return file
  }
}

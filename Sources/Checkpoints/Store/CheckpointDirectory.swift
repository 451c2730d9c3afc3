internal import Files

/// One checkpoint's folder, for reading.
package struct CheckpointDirectory: Sendable, Equatable {
  /// The folder.
  package let path: String

  /// Names a folder, which does not have to exist.
  package init(_ path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  /// The step in the folder's name, or nil if it is not called `step-00001000` or the like.
  package var step: Int? { Self.step(ofName: DurableFileWriter.split(path).name) }

  /// The name of the folder for a step, such as `step-00001000`.
  package static func name(step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  static func step(ofName name: String) -> Int? {
    guard let step = Int(name.dropFirst(5)), step >= 0, name == Self.name(step: step) else {
      return nil
    }
    return step
  }

  /// The checkpoints in a folder, newest first; folders with other names are left out.
  ///
  /// - Throws: `SystemCallError` if the folder cannot be read.
  package static func all(in root: String) throws -> [CheckpointDirectory] {
    try POSIXFileSystem().entries(of: root).compactMap { name in
      step(ofName: name).map { (step: $0, directory: CheckpointDirectory("\(root)/\(name)")) }
    }.sorted { $0.step > $1.step }.map(\.directory)
  }
}

extension CheckpointDirectory {
  /// Reads the state alone; the tensor files are not looked at.
  ///
  /// - Throws: `CheckpointError.damaged`, `CheckpointError.newerFormat`, `SystemCallError`.
  package func state() throws -> CheckpointState { try manifest().state }

  /// Reads and checks everything.
  ///
  /// - Throws: `CheckpointError.damaged` with all problems; `CheckpointError.newerFormat`;
  ///   `SystemCallError` if a file is there but may not be read.
  package func load() throws -> LoadedCheckpoint {
    let manifest = try manifest()
    let files = try each(manifest.files) { record, path in
      let bytes = try FileBytes.read(path)
      guard bytes.count == record.byteCount else {
        throw wrongSize(record, found: bytes.count)
      }
      guard bytes.withUnsafeBytes({ FileChecksum(of: $0, record.hash.algorithm) }) == record.hash
      else {
        throw wrongContent(record)
      }
      let name = String(record.name.dropLast(".safetensors".count))
      return (name: name, tensors: try Safetensors.parse(bytes, path: path))
    }
    return LoadedCheckpoint(directory: path, state: manifest.state, files: files)
  }

  /// Checks everything and lists what is wrong; an empty list means that the checkpoint can be
  /// used.
  ///
  /// Files are read in pieces, so this needs hardly any memory.
  ///
  /// - Throws: `CheckpointError.newerFormat`; `SystemCallError` if a file may not be read.
  package func verify() throws -> [CheckpointProblem] {
    do {
      let (manifest, stateFile) = try manifestAndBytes()
      try verifyFiles(of: manifest)
      guard manifest.hasChecksumList else { return [] }
      let list = stateFile.withUnsafeBytes { ChecksumList(manifest, stateFile: $0) }
      return try list.problem(inFolder: path).map { [$0] } ?? []
    } catch CheckpointError.damaged(_, let problems) {
      return problems
    }
  }

  /// One hash of all tensors, after checking the files.
  ///
  /// - Throws: As `load`.
  package func tensorHash() throws -> String { try load().tensorHash() }

  /// Reads and checks `state.json`.
  func manifest() throws -> CheckpointManifest { try manifestAndBytes().manifest }

  private func manifestAndBytes() throws -> (manifest: CheckpointManifest, bytes: FileBytes) {
    let name = CheckpointManifest.fileName
    let manifest: CheckpointManifest
    let bytes: FileBytes
    do {
      bytes = try FileBytes.read("\(path)/\(name)")
      manifest = try bytes.withUnsafeBytes { bytes in
        try CheckpointManifest.decode(bytes, directory: path)
      }
    } catch let problem as CheckpointProblem {
      throw CheckpointError.damaged(directory: path, problems: [problem])
    } catch let error as SystemCallError where error.meansDamage {
      throw CheckpointError.damaged(
        directory: path, problems: [CheckpointProblem(file: name, reason: error.description)])
    }
    if let step, step != manifest.state.step {
      let reason = "is the state of step \(manifest.state.step), not of this folder's step"
      throw CheckpointError.damaged(
        directory: path, problems: [CheckpointProblem(file: name, reason: reason)])
    }
    return (manifest, bytes)
  }

  /// Checks all tensor files, in pieces.
  ///
  /// - Throws: As `load`.
  private func verifyFiles(of manifest: CheckpointManifest) throws {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { piece.deallocate() }
    _ = try each(manifest.files) { record, path in
      let reader = try FileReader(path)
      guard reader.byteCount == record.byteCount else {
        throw wrongSize(record, found: reader.byteCount)
      }
      let found = try FileChecksum(record.hash.algorithm) { (update) throws(SystemCallError) in
        var remaining = record.byteCount
        while remaining > 0 {
          let part = UnsafeMutableRawBufferPointer(rebasing: piece.prefix(remaining))
          try reader.read(into: part)
          update(UnsafeRawBufferPointer(part))
          remaining -= part.count
        }
      }
      guard found == record.hash else { throw wrongContent(record) }
      _ = try SafetensorsHeader.read(path)
    }
  }

  /// Looks at every file, and fails at the end with the problems of all.
  private func each<Result>(
    _ records: [CheckpointManifest.File],
    _ body: (CheckpointManifest.File, String) throws -> Result
  ) throws -> [Result] {
    var results: [Result] = []
    var problems: [CheckpointProblem] = []
    for record in records {
      do {
        results.append(try body(record, "\(path)/\(record.name)"))
      } catch let problem as CheckpointProblem {
        problems.append(problem)
      } catch let error as SystemCallError where error.meansDamage {
        problems.append(CheckpointProblem(file: record.name, reason: error.description))
      } catch let error as TensorFileError {
        problems.append(CheckpointProblem(file: record.name, reason: error.reason))
      }
    }
    guard problems.isEmpty else {
      throw CheckpointError.damaged(directory: path, problems: problems)
    }
    return results
  }

  private func wrongSize(_ record: CheckpointManifest.File, found: Int) -> CheckpointProblem {
    CheckpointProblem(
      file: record.name, reason: "has \(found) bytes instead of \(record.byteCount)")
  }

  private func wrongContent(_ record: CheckpointManifest.File) -> CheckpointProblem {
    CheckpointProblem(file: record.name, reason: "the checksum differs from the content")
  }
}

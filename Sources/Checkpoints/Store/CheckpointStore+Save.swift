internal import Files
internal import Foundation

/// What a successful save did.
package struct SaveReport: Sendable, Equatable {
  /// The checkpoint's folder.
  package let directory: String
  /// Bytes written.
  package let byteCount: Int
  /// Things that went wrong after the checkpoint was safe, such as removing an old one.
  package let warnings: [String]
}

extension CheckpointStore {
  /// Writes a checkpoint and removes those that the retention policy gives up.
  ///
  /// When this returns, the checkpoint is on the disk whatever happens. When it throws or the
  /// process ends, earlier checkpoints are as they were.
  ///
  /// - Throws: `CheckpointError.insufficientSpace` before anything is written; `SystemCallError`.
  @discardableResult
  package func save(_ snapshot: CheckpointSnapshot) throws -> SaveReport {
    let layouts = Self.layouts(of: snapshot)
    try checkFreeSpace(for: Self.neededByteCount(layouts.map(\.layout.byteCount)))

    let step = snapshot.state.step
    let temporary = workPath(step, "tmp")
    let byteCount: Int
    do {
      byteCount = try write(snapshot.state, layouts, to: temporary)
      try moveIntoPlace(temporary, step: step)
    } catch {
      try? fileSystem.removeTree(temporary)
      throw error
    }

    var warnings: [String] = []
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { warnings.append("\(error)") }
    }
    attempt { try pointLatest(to: step) }
    attempt { try removeIfPresent(workPath(step, "replaced")) }
    attempt { try prune(justSaved: step) }
    return SaveReport(
      directory: directory(step: step).path, byteCount: byteCount, warnings: warnings)
  }

  /// Makes `latest` name the checkpoint of a step.
  func pointLatest(to step: Int) throws(SystemCallError) {
    let text = Array("\(CheckpointDirectory.name(step: step))\n".utf8)
    try DurableFileWriter(fileSystem: fileSystem).replaceFile(at: "\(root)/latest") {
      sink throws(SystemCallError) in
      try text.withUnsafeBufferPointer { (bytes) throws(SystemCallError) in
        try sink(UnsafeRawBufferPointer(bytes))
      }
    }
  }

  /// Writes all files into a new folder and makes them durable; returns the number of bytes.
  private func write(
    _ state: CheckpointState, _ layouts: [(name: String, layout: SafetensorsLayout)],
    to folder: String
  ) throws -> Int {
    let writer = DurableFileWriter(fileSystem: fileSystem)
    try removeIfPresent(folder)
    try fileSystem.createDirectory(folder)
    var manifest = CheckpointManifest(files: [], state: state)
    for (name, layout) in layouts {
      let fileName = name + ".safetensors"
      let written = try writer.writeFile(at: "\(folder)/\(fileName)") {
        sink throws(SystemCallError) in
        try layout.write(to: sink)
      }
      manifest.files.append(
        .init(name: fileName, byteCount: written.byteCount, hash: written.hash))
    }
    let state = try manifest.encoded()
    let list = state.withUnsafeBytes { ChecksumList(manifest, stateFile: $0) }
    let texts = [
      (CheckpointManifest.fileName, state), (ChecksumList.fileName, Array(list.text.utf8)),
    ]
    for (name, text) in texts {
      try writer.writeFile(at: "\(folder)/\(name)") { sink throws(SystemCallError) in
        try text.withUnsafeBufferPointer { (bytes) throws(SystemCallError) in
          try sink(UnsafeRawBufferPointer(bytes))
        }
      }
    }
    try fileSystem.synchronizeDirectory(folder)
    return manifest.files.reduce(texts.reduce(0) { $0 + $1.1.count }) { $0 + $1.byteCount }
  }

  private func moveIntoPlace(_ temporary: String, step: Int) throws(SystemCallError) {
    let final = directory(step: step).path
    let replaced = workPath(step, "replaced")
    let exists = try steps().contains(step)
    if exists {
      // A folder cannot be replaced by a rename; opening the store undoes this if it is all there
      // is.
      try removeIfPresent(replaced)
      try fileSystem.rename(final, to: replaced)
    }
    do {
      try fileSystem.rename(temporary, to: final)
    } catch {
      if exists { try? fileSystem.rename(replaced, to: final) }
      throw error
    }
    try fileSystem.synchronizeDirectory(root)
  }

  private func removeIfPresent(_ folder: String) throws(SystemCallError) {
    do {
      try fileSystem.removeTree(folder)
    } catch  where error.code == ENOENT {}
  }
}

internal import Files
internal import Foundation

/// What a run's checkpoints need of the disk, and what there is.
package struct CheckpointRoom: Sendable, Equatable {
  /// Bytes that the disk has.
  package let freeByteCount: Int
  /// Bytes that the newest checkpoints that are to stay, and one that is being written, will take besides
  /// those that exist.
  package let wantedByteCount: Int
}

extension CheckpointStore {
  /// Finds out whether such a snapshot could be saved, without saving it.
  ///
  /// - Returns: What the checkpoints that are to stay need.
  /// - Throws: `CheckpointError.insufficientSpace`, `CheckpointError.fileSizeLimit`; `SystemCallError`
  ///   where the folder cannot be written.
  package func rehearse(_ snapshot: CheckpointSnapshot) throws -> CheckpointRoom {
    let sizes = Self.layouts(of: snapshot).map(\.layout.byteCount)
    let needed = Self.neededByteCount(sizes)
    try checkFreeSpace(for: needed)
    try checkSizeLimit(for: sizes.max() ?? 0)
    try writeProbe(step: snapshot.state.step)
    let missing = max(retention.keepLast + 1 - (try steps().count), 1)
    return CheckpointRoom(
      freeByteCount: try fileSystem.freeByteCount(at: root), wantedByteCount: missing * needed)
  }

  static func layouts(
    of snapshot: CheckpointSnapshot
  ) -> [(name: String, layout: SafetensorsLayout)] {
    snapshot.files.map { file in
      (
        name: file.name,
        layout: SafetensorsLayout(
          file.tensors, metadata: file.metadata.merging(["format": "pt"]) { own, _ in own })
      )
    }
  }

  static func neededByteCount(_ tensorFileByteCounts: [Int]) -> Int {
    let tensorFiles = tensorFileByteCounts.reduce(0, +)
    // Room for state.json and XXH128SUMS, folders, and what other programs write meanwhile.
    return tensorFiles + tensorFiles / 64 + (4 << 20)
  }

  func checkFreeSpace(for needed: Int) throws {
    let free = try fileSystem.freeByteCount(at: root)
    guard free >= needed else {
      throw CheckpointError.insufficientSpace(
        root: root, neededByteCount: needed, freeByteCount: free)
    }
  }

  private func checkSizeLimit(for byteCount: Int) throws {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { return }
    guard limit.rlim_cur >= UInt64(byteCount) else {
      throw CheckpointError.fileSizeLimit(
        root: root, neededByteCount: byteCount, limitByteCount: Int(clamping: limit.rlim_cur))
    }
  }

  /// Makes a folder with a file like those of a checkpoint and removes it.
  private func writeProbe(step: Int) throws {
    let folder = workPath(step, "tmp")
    try? fileSystem.removeTree(folder)
    try fileSystem.createDirectory(folder)
    do {
      let bytes = [UInt8](repeating: 0, count: 4096)
      _ = try DurableFileWriter(fileSystem: fileSystem).writeFile(at: "\(folder)/probe") {
        sink throws(SystemCallError) in
        try bytes.withUnsafeBufferPointer { (bytes) throws(SystemCallError) in
          try sink(UnsafeRawBufferPointer(bytes))
        }
      }
      try fileSystem.removeTree(folder)
    } catch {
      try? fileSystem.removeTree(folder)
      throw error
    }
  }
}

extension CheckpointSnapshot {
  /// Bytes of the files with its tensors; all others of a checkpoint are a few kilobytes.
  package var fileByteCount: Int {
    CheckpointStore.layouts(of: self).reduce(0) { $0 + $1.layout.byteCount }
  }
}

internal import Checksums
internal import Files
internal import Foundation
package import Synchronization

/// What has been written to durable files since the process began.
package enum DurableWriteStatistics {
  /// Bytes; it grows while a large file is being written.
  package static let byteCount = Atomic<Int>(0)
}

/// Writes files that are on the disk, whole, once the call returns.
struct DurableFileWriter {
  let fileSystem: any CheckpointFileSystem

  /// Bytes hashed and written at a time; small enough that they stay in cache in between.
  private static let pieceByteCount = 1 << 20

  /// Creates a file, writes it and makes its content durable; the folder is left to the caller.
  ///
  /// - Parameters:
  ///   - path: A file that does not exist.
  ///   - body: Hands the bytes to the function it is given, in order.
  /// - Returns: The size and the hash of what was written.
  /// - Throws: `SystemCallError`; a part of the file may then be left behind.
  @discardableResult
  func writeFile(
    at path: String, _ body: (SafetensorsLayout.Sink) throws(SystemCallError) -> Void
  ) throws(SystemCallError) -> (byteCount: Int, hash: FileChecksum) {
    let descriptor = try fileSystem.createFile(path)
    var hasher = XXHash128()
    var byteCount = 0
    do {
      try body { (bytes: UnsafeRawBufferPointer) throws(SystemCallError) in
        byteCount += bytes.count
        var rest = bytes[...]
        while !rest.isEmpty {
          let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceByteCount))
          hasher.update(piece)
          try writeAll(piece, to: descriptor, path: path)
          rest = rest.dropFirst(piece.count)
        }
      }
      try fileSystem.synchronize(descriptor, path: path)
    } catch {
      try? fileSystem.close(descriptor, path: path)
      throw error
    }
    try fileSystem.close(descriptor, path: path)
    return (byteCount, FileChecksum(hasher))
  }

  /// Replaces a file in one step: readers see the old content or the new one, never a part.
  ///
  /// - Parameters:
  ///   - path: The file, which may exist.
  ///   - body: Hands the bytes to the function it is given, in order.
  /// - Throws: `SystemCallError`; the file is then as it was, unless the last call failed, which
  ///   makes the new name durable.
  func replaceFile(
    at path: String, _ body: (SafetensorsLayout.Sink) throws(SystemCallError) -> Void
  ) throws(SystemCallError) {
    let (folder, name) = Self.split(path)
    let temporary = "\(folder)/.\(name).tmp-\(getpid())"
    do {
      do {
        try writeFile(at: temporary, body)
      } catch  where error.code == EEXIST {
        try fileSystem.removeFile(temporary)
        try writeFile(at: temporary, body)
      }
      try fileSystem.rename(temporary, to: path)
    } catch {
      try? fileSystem.removeFile(temporary)
      throw error
    }
    try fileSystem.synchronizeDirectory(folder)
  }

  /// The folder and the last component of a path.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String)
    throws(SystemCallError)
  {
    var rest = bytes
    while !rest.isEmpty {
      let written = try fileSystem.write(rest, to: descriptor, path: path)
      guard written > 0 else { throw SystemCallError(call: "write", path: path, code: ENOSPC) }
      DurableWriteStatistics.byteCount.add(written, ordering: .relaxed)
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }
}

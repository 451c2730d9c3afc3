package import Files

/// The calls through which checkpoints change the disk.
///
/// Everything that writes goes through here, one system call a method, so that tests can stop a
/// save between any two of them.
package protocol CheckpointFileSystem: Sendable {
  /// Creates a folder inside an existing one.
  func createDirectory(_ path: String) throws(SystemCallError)
  /// Creates a file that must not exist yet, and opens it for writing.
  func createFile(_ path: String) throws(SystemCallError) -> Int32
  /// Writes some of the bytes and returns how many.
  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String)
    throws(SystemCallError) -> Int
  /// Makes a file's content durable.
  func synchronize(_ descriptor: Int32, path: String) throws(SystemCallError)
  /// Closes a file.
  func close(_ descriptor: Int32, path: String) throws(SystemCallError)
  /// Makes a folder's entries durable.
  func synchronizeDirectory(_ path: String) throws(SystemCallError)
  /// Renames a file or folder; an existing file of the new name is replaced.
  func rename(_ path: String, to newPath: String) throws(SystemCallError)
  /// Removes a file.
  func removeFile(_ path: String) throws(SystemCallError)
  /// Removes an empty folder.
  func removeDirectory(_ path: String) throws(SystemCallError)
  /// The names in a folder, sorted.
  func entries(of path: String) throws(SystemCallError) -> [String]
  /// Bytes that an unprivileged user may still write on the file system of a folder.
  func freeByteCount(at path: String) throws(SystemCallError) -> Int
}

extension CheckpointFileSystem {
  /// Removes a folder and the files in it; folders of checkpoints contain no further folders.
  func removeTree(_ path: String) throws(SystemCallError) {
    for name in try entries(of: path) { try removeFile("\(path)/\(name)") }
    try removeDirectory(path)
  }
}

package import Files
internal import Foundation

/// The file system of the machine.
package struct POSIXFileSystem: CheckpointFileSystem {
  /// Needs nothing.
  package init() {}

  /// See `CheckpointFileSystem`.
  package func createDirectory(_ path: String) throws(SystemCallError) {
    try check(mkdir(path, 0o777), "mkdir", path)
  }

  /// See `CheckpointFileSystem`.
  package func createFile(_ path: String) throws(SystemCallError) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    try check(descriptor, "create", path)
    return descriptor
  }

  /// See `CheckpointFileSystem`.
  package func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String)
    throws(SystemCallError) -> Int
  {
    while true {
      let written = Foundation.write(descriptor, bytes.baseAddress, bytes.count)
      if written >= 0 { return written }
      guard errno == EINTR else {
        throw SystemCallError(call: "write", path: path, code: errno)
      }
    }
  }

  /// See `CheckpointFileSystem`.
  package func synchronize(_ descriptor: Int32, path: String) throws(SystemCallError) {
    try check(fsync(descriptor), "fsync", path)
  }

  /// See `CheckpointFileSystem`.
  package func close(_ descriptor: Int32, path: String) throws(SystemCallError) {
    try check(Foundation.close(descriptor), "close", path)
  }

  /// See `CheckpointFileSystem`.
  package func synchronizeDirectory(_ path: String) throws(SystemCallError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    try check(descriptor, "open", path)
    defer { _ = Foundation.close(descriptor) }
    try check(fsync(descriptor), "fsync", path)
  }

  /// See `CheckpointFileSystem`.
  package func rename(_ path: String, to newPath: String) throws(SystemCallError) {
    try check(Foundation.rename(path, newPath), "rename to \(newPath)", path)
  }

  /// See `CheckpointFileSystem`.
  package func removeFile(_ path: String) throws(SystemCallError) {
    try check(unlink(path), "unlink", path)
  }

  /// See `CheckpointFileSystem`.
  package func removeDirectory(_ path: String) throws(SystemCallError) {
    try check(rmdir(path), "rmdir", path)
  }

  /// See `CheckpointFileSystem`.
  package func entries(of path: String) throws(SystemCallError) -> [String] {
    try names(inFolder: path)
  }

  /// See `CheckpointFileSystem`.
  package func freeByteCount(at path: String) throws(SystemCallError) -> Int {
    var status = statvfs()
    try check(statvfs(path, &status), "statvfs", path)
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
      by: UInt64(status.f_frsize))
    return overflow ? .max : Int(clamping: bytes)
  }

  private func check(_ result: Int32, _ call: String, _ path: String) throws(SystemCallError) {
    guard result >= 0 else { throw SystemCallError(call: call, path: path, code: errno) }
  }
}

internal import Files
internal import Foundation

/// A file that is open for reading from its first byte to its last.
struct FileReader: ~Copyable {
  /// The size of the file when it was opened.
  let byteCount: Int
  private let path: String
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Throws: `SystemCallError` if that fails or the path is not that of an ordinary file.
  init(_ path: String) throws(SystemCallError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemCallError(call: "open", path: path, code: errno) }
    var status = stat()
    var code = fstat(descriptor, &status) == 0 ? 0 : errno
    if code == 0, status.st_mode & S_IFMT != S_IFREG {
      code = status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL
    }
    guard code == 0 else {
      close(descriptor)
      throw SystemCallError(call: "read", path: path, code: code)
    }
    self.path = path
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills a buffer with the bytes that come next.
  ///
  /// - Throws: `SystemCallError`; with `EIO` if the file ends before the buffer is full.
  borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) {
    var offset = 0
    while offset < buffer.count {
      // Linux moves at most 2 GiB - 4 KiB in one call.
      let wanted = min(buffer.count - offset, 1 << 30)
      let result = Foundation.read(descriptor, buffer.baseAddress.map { $0 + offset }, wanted)
      if result < 0, errno == EINTR { continue }
      guard result > 0 else {
        throw SystemCallError(call: "read", path: path, code: result < 0 ? errno : EIO)
      }
      offset += result
    }
  }
}

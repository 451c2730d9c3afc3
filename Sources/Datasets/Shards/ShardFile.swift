import Glibc
import Synchronization

/// A shard that is opened when it is first read, by any thread.
final class ShardFile: Sendable {
  /// The file.
  let path: String
  private let descriptor = Mutex<Int32>(-1)

  /// Names a file; nothing is opened.
  init(path: String) {
    self.path = path
  }

  deinit {
    descriptor.withLock { if $0 >= 0 { close($0) } }
  }

  /// Reads bytes at a place; fewer than wanted where the file ends.
  ///
  /// - Throws: `DatasetError` where the file cannot be opened or read.
  func read(at offset: Int, count: Int) throws(DatasetError) -> [UInt8] {
    let descriptor = try opened()
    var failure: DatasetError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = error("cannot be read") }
        if got <= 0 { break }
        filled += got
      }
    }
    if let failure { throw failure }
    return bytes
  }

  private func opened() throws(DatasetError) -> Int32 {
    let result = descriptor.withLock { descriptor in
      if descriptor < 0 { descriptor = open(path, O_RDONLY | O_CLOEXEC) }
      return descriptor
    }
    guard result >= 0 else { throw error("cannot be opened") }
    return result
  }

  private func error(_ problem: String) -> DatasetError {
    DatasetError(
      .unreadableFile, path, "the shard \(problem) (\(systemErrorMessage()))",
      remedy: "check the path and its permissions")
  }
}

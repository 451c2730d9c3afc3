import Checksums
import Glibc

/// Writes one shard: a tar archive, file after file.
final class ShardWriter {
  /// Bytes of the archive so far.
  private(set) var byteCount = 0
  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private static let bufferByteCount = 1 << 20

  /// Creates the archive, or begins it again.
  ///
  /// - Throws: `DatasetError` where the file cannot be made.
  init(path: String) throws(DatasetError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw DatasetError.unwritable(path) }
    buffer.reserveCapacity(2 * Self.bufferByteCount)
  }

  deinit { close(descriptor) }

  /// Bytes that a file adds to an archive.
  static func byteCount(ofMember contentByteCount: Int) -> Int {
    TarHeader.blockByteCount + contentByteCount
      + TarHeader.paddingByteCount(after: contentByteCount)
  }

  /// Adds a file.
  ///
  /// - Returns: Where its content lies.
  /// - Throws: `DatasetError` where the archive cannot be written.
  func append(name: String, _ content: [UInt8]) throws(DatasetError) -> ShardIndex.Member {
    buffer += TarHeader.block(name: name, byteCount: content.count)
    let offset = byteCount + TarHeader.blockByteCount
    buffer += content
    buffer += repeatElement(0, count: TarHeader.paddingByteCount(after: content.count))
    byteCount += Self.byteCount(ofMember: content.count)
    if buffer.count >= Self.bufferByteCount { try flush() }
    return ShardIndex.Member(
      offset: UInt64(offset), byteCount: UInt32(content.count),
      checksum: CRC32.checksum(content[...]))
  }

  /// Ends the archive; it is on the disk when this returns.
  ///
  /// - Throws: `DatasetError` where the archive cannot be written.
  func finish() throws(DatasetError) {
    buffer += TarHeader.end
    byteCount += TarHeader.end.count
    try flush()
    guard fsync(descriptor) == 0 else { throw DatasetError.unwritable(path) }
  }

  private func flush() throws(DatasetError) {
    let isWritten = buffer.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let wrote = write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if wrote < 0 && errno == EINTR { continue }
        if wrote <= 0 { return false }
        rest = rest.dropFirst(wrote)
      }
      return true
    }
    guard isWritten else { throw DatasetError.unwritable(path) }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Writes a file beside its place and renames it: there is all of it or nothing.
///
/// - Throws: `DatasetError` where that fails.
func commitFile(_ bytes: [UInt8], to path: String) throws(DatasetError) {
  let temporary = "\(path).part"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw DatasetError.unwritable(temporary) }
  defer { close(descriptor) }
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes {
      write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
    }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { throw DatasetError.unwritable(temporary) }
    written += count
  }
  guard fsync(descriptor) == 0 else { throw DatasetError.unwritable(temporary) }
  try renameFile(temporary, to: path)
}

/// Gives a finished file its name, durably.
///
/// - Throws: `DatasetError` where that fails.
func renameFile(_ old: String, to new: String) throws(DatasetError) {
  guard rename(old, new) == 0 else { throw DatasetError.unwritable(new) }
  let folder = new.lastIndex(of: "/").map { String(new[..<$0]) } ?? "."
  let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw DatasetError.unwritable(folder) }
  defer { close(descriptor) }
  // Some network file systems cannot synchronise a folder; they do so by themselves.
  guard fsync(descriptor) == 0 || errno == EINVAL else { throw DatasetError.unwritable(folder) }
}

extension DatasetError {
  /// The last system call on a file failed.
  static func unwritable(_ path: String) -> DatasetError {
    DatasetError(
      .unwritable, path, "it cannot be written (\(systemErrorMessage()))",
      remedy: "check permissions and free space, then run again")
  }
}

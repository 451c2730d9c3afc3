#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a name in a folder stands for.
enum DirectoryEntryKind {
  case file
  case folder
  case other
}

/// The names in a folder, in the order in which the system gives them, without `.` and `..`.
///
/// One pass over the folder; a file is asked for its kind only where the file system does not tell
/// it in the listing (symbolic links, and some network file systems).
///
/// - Throws: `DatasetError` where the folder does not exist or cannot be read.
func forEachEntry(
  ofFolder path: String, _ body: (_ name: String, _ kind: DirectoryEntryKind) throws -> Void
) throws {
  guard let stream = opendir(path) else {
    throw DatasetError(
      .unreadableFolder, path, "the folder cannot be read (\(systemErrorMessage()))",
      remedy: "check the path and its permissions")
  }
  defer { closedir(stream) }
  while true {
    errno = 0
    guard let entry = readdir(stream) else { break }
    let name = withUnsafeBytes(of: &entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard name != "." && name != ".." else { continue }
    let kind: DirectoryEntryKind =
      switch Int32(entry.pointee.d_type) {
      case Int32(DT_REG): .file
      case Int32(DT_DIR): .folder
      case Int32(DT_LNK), Int32(DT_UNKNOWN): kindOfLink(at: "\(path)/\(name)")
      default: .other
      }
    try body(name, kind)
  }
  // A listing that ends early must not pass for a smaller folder.
  guard errno == 0 else {
    throw DatasetError(
      .unreadableFolder, path, "the listing of the folder broke off (\(systemErrorMessage()))",
      remedy: "check the file system, then run again")
  }
}

/// What an entry of a folder stands for; a link that leads nowhere counts as a file, so that whoever
/// reads it tells what is missing.
private func kindOfLink(at path: String) -> DirectoryEntryKind {
  var status = stat()
  guard stat(path, &status) != 0 else { return kindOfFile(at: path) }
  return errno == ENOENT ? .file : .other
}

/// What a path stands for, symbolic links followed; `.other` where nothing is there.
func kindOfFile(at path: String) -> DirectoryEntryKind {
  var status = stat()
  guard stat(path, &status) == 0 else { return .other }
  return switch status.st_mode & S_IFMT {
  case S_IFREG: .file
  case S_IFDIR: .folder
  default: .other
  }
}

/// The size of a file; nil where there is no file.
func sizeOfFile(at path: String) -> Int? {
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(status.st_size)
}

/// A number that two paths to the same file or folder share.
func fileIdentity(of path: String) -> [UInt64]? {
  var status = stat()
  guard stat(path, &status) == 0 else { return nil }
  return [UInt64(truncatingIfNeeded: status.st_dev), UInt64(truncatingIfNeeded: status.st_ino)]
}

/// What the operating system said about the last call that failed.
func systemErrorMessage() -> String {
  String(cString: strerror(errno))
}

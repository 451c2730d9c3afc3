internal import Glibc

/// A name in a folder.
package struct FolderEntry: Sendable {
  /// The name, without the folder's.
  package let name: String
  /// What it stands for; a symbolic link that leads nowhere counts as a file, so that whoever reads
  /// it tells what is missing.
  package let kind: FileKind
}

/// What a folder holds, in the order in which the system gives it, without `.` and `..`.
///
/// One pass over the folder; a file is asked for its kind only where the file system does not tell
/// it in the listing (symbolic links, and some network file systems).
///
/// - Throws: `SystemCallError` where the folder does not exist or cannot be read (`opendir`), or the
///   listing ends early (`readdir`): what is left must not pass for a smaller folder.
package func entries(ofFolder path: String) throws(SystemCallError) -> [FolderEntry] {
  guard let stream = opendir(path) else {
    throw SystemCallError(call: "opendir", path: path, code: errno)
  }
  defer { closedir(stream) }
  var entries: [FolderEntry] = []
  while true {
    errno = 0
    guard let entry = readdir(stream) else { break }
    let name = withUnsafeBytes(of: &entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard name != "." && name != ".." else { continue }
    let kind: FileKind =
      switch Int32(entry.pointee.d_type) {
      case Int32(DT_REG): .file
      case Int32(DT_DIR): .folder
      case Int32(DT_LNK), Int32(DT_UNKNOWN): FileKind(of: "\(path)/\(name)") ?? .file
      default: .other
      }
    entries.append(FolderEntry(name: name, kind: kind))
  }
  guard errno == 0 else { throw SystemCallError(call: "readdir", path: path, code: errno) }
  return entries
}

/// The names in a folder, sorted.
///
/// - Throws: As `entries(ofFolder:)`.
package func names(inFolder path: String) throws(SystemCallError) -> [String] {
  try entries(ofFolder: path).map(\.name).sorted()
}

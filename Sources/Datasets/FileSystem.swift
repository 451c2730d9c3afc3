import Files
import Glibc

/// Takes what a folder holds, in the order in which the system gives it; see `entries(ofFolder:)`.
///
/// - Throws: `DatasetError` where the folder does not exist or cannot be read.
func forEachEntry(
  ofFolder path: String, _ body: (_ name: String, _ kind: FileKind) throws -> Void
) throws {
  let found: [FolderEntry]
  do {
    found = try entries(ofFolder: path)
  } catch {
    throw error.call == "opendir"
      ? DatasetError(
        .unreadableFolder, path, "the folder cannot be read (\(error.reason))",
        remedy: "check the path and its permissions")
      : DatasetError(
        .unreadableFolder, path, "the listing of the folder broke off (\(error.reason))",
        remedy: "check the file system, then run again")
  }
  for entry in found { try body(entry.name, entry.kind) }
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

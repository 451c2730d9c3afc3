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
    throw DatasetError.unreadableFolder(error)
  }
  for entry in found { try body(entry.name, entry.kind) }
}

extension DatasetError {
  /// A folder that cannot be opened, or whose listing breaks off.
  static func unreadableFolder(_ error: SystemCallError) -> DatasetError {
    error.call == "opendir"
      ? DatasetError(
        .unreadableFolder, error.path, "the folder cannot be read (\(error.reason))",
        remedy: "check the path and its permissions")
      : DatasetError(
        .unreadableFolder, error.path, "the listing of the folder broke off (\(error.reason))",
        remedy: "check the file system, then run again")
  }
}

/// The size of a file; nil where there is no file.
func sizeOfFile(at path: String) -> Int? {
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(status.st_size)
}

/// What the operating system said about the last call that failed.
func systemErrorMessage() -> String {
  String(cString: strerror(errno))
}

internal import Glibc

/// What a path stands for, symbolic links followed.
package enum FileKind: Sendable {
  /// An ordinary file.
  case file
  /// A folder.
  case folder
  /// Anything else, such as a pipe, or what may not be looked at.
  case other

  /// Asks the system; nil where nothing is there.
  package init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      self = .other
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    default: self = .other
    }
  }
}

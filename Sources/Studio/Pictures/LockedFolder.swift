import Foundation
import Running

/// A folder for temporary files that ends with the process, or at the start of the next one that finds it.
///
/// A process that is killed leaves its folder behind. The lock in it tells: the system gives it back when
/// its owner is gone.
final class LockedFolder: Sendable {
  private static let prefix = "inpaint-studio-"
  private static let lockName = "lock"

  /// Its path; only this user may look into it.
  let path: String
  private let lock: Int32

  /// Removes the folders of processes that are gone, and makes one.
  ///
  /// - Throws: `RunError` where the system has none for temporary files.
  init() throws {
    let base = FileManager.default.temporaryDirectory.path
    Self.removeLeftOnes(in: base)
    var template = Array("\(base)/\(Self.prefix)XXXXXX\0".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } }
    guard let made else { throw Self.error(base) }
    path = String(cString: made)
    // It is locked before others see it under the name that they look for.
    let name = "\(path)/\(Self.lockName)"
    lock = open("\(name).new", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0, rename("\(name).new", name) == 0 else {
      throw Self.error(base)
    }
  }

  deinit { close(lock) }

  /// Removes the folder.
  func remove() { try? FileManager.default.removeItem(atPath: path) }

  private static func removeLeftOnes(in base: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
    where name.hasPrefix(prefix) {
      let lock = open("\(base)/\(name)/\(lockName)", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      guard lock >= 0 else { continue }
      if flock(lock, LOCK_EX | LOCK_NB) == 0 {
        try? FileManager.default.removeItem(atPath: "\(base)/\(name)")
      }
      close(lock)
    }
  }

  private static func error(_ base: String) -> RunError {
    RunError(
      .badData,
      "\(base): no folder for temporary files can be made (\(String(cString: strerror(errno)))); "
        + "name another with the variable TMPDIR")
  }
}

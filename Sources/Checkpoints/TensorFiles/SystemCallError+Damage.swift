internal import Files
internal import Foundation

extension SystemCallError {
  /// Whether the call failed because the content is gone or unreadable, not because of rights or
  /// resources.
  var meansDamage: Bool {
    code == ENOENT || code == EIO || code == EISDIR || code == ENOTDIR || code == EINVAL
  }
}

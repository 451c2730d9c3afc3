internal import Foundation

/// A call to the operating system that failed.
package struct SystemCallError: Error, Equatable, CustomStringConvertible {
  /// The name of the call, such as `fsync`.
  package let call: String
  /// The file or folder it was applied to.
  package let path: String
  /// The value of `errno`.
  package let code: Int32

  /// Records a failed call.
  package init(call: String, path: String, code: Int32) {
    self.call = call
    self.path = path
    self.code = code
  }

  /// One line: path, call and the system's message.
  package var description: String {
    "\(path): \(call) failed: \(String(cString: strerror(code))) (error \(code))"
  }

  /// Whether the call failed because the content is gone or unreadable, not because of rights or
  /// resources.
  var meansDamage: Bool {
    code == ENOENT || code == EIO || code == EISDIR || code == ENOTDIR || code == EINVAL
  }
}

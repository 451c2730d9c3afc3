internal import Glibc

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

  /// What the system says of `code`, such as "Permission denied".
  package var reason: String { String(cString: strerror(code)) }

  /// One line: path, call and the system's message.
  package var description: String { "\(path): \(call) failed: \(reason) (error \(code))" }
}

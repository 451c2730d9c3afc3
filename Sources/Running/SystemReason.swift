import Foundation

/// What the operating system said about a file operation of Foundation, whose own words tell less.
package func systemReason(_ error: any Error) -> String {
  let cause = (error as? CocoaError)?.underlying as? POSIXError
  return cause.map { String(cString: strerror($0.code.rawValue)) } ?? error.localizedDescription
}

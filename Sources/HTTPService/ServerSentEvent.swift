/// A message of a stream of server-sent events (HTML standard, section 9.2).
package struct ServerSentEvent: Sendable, Equatable {
  /// The kind of event.
  package let name: String
  /// A text, such as a JSON object.
  package let data: String

  /// Makes an event.
  package init(_ name: String, data: String) { (self.name, self.data) = (name, data) }

  /// The bytes on the wire.
  var bytes: [UInt8] {
    let lines = data.split(omittingEmptySubsequences: false) { $0.isNewline }
    return Array(
      "event: \(name)\n\(lines.map { "data: \($0)\n" }.joined())\n".utf8)
  }

  /// A comment, which clients ignore and which finds out whether they are still there.
  static let nothing = Array(":\n\n".utf8)
}

/// A JSON object whose members keep their order and whose numbers keep all their digits.
package struct JSONRecord: Sendable {
  private var members: [String] = []

  /// Starts without members.
  package init() {}

  /// Adds an integer.
  package mutating func add(_ name: String, _ value: Int) {
    members.append("\"\(name)\": \(value)")
  }

  /// Adds a number; JSON has no name for numbers that are not finite, which become null.
  package mutating func add(_ name: String, _ value: Double) {
    members.append("\"\(name)\": \(value.isFinite ? "\(value)" : "null")")
  }

  /// Adds a list of durations in seconds, to a hundredth of a millisecond.
  package mutating func add(_ name: String, seconds: [Double]) {
    let rounded = seconds.map { "\(($0 * 1e5).rounded() / 1e5)" }
    members.append("\"\(name)\": [\(rounded.joined(separator: ", "))]")
  }

  /// Adds a text without control characters.
  package mutating func add(_ name: String, _ value: String) {
    let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    members.append("\"\(name)\": \"\(escaped)\"")
  }

  /// The object on one line.
  package var text: String { "{\(members.joined(separator: ", "))}" }
}

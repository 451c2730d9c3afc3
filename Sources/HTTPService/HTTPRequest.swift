/// A request whose head was read and is sound.
package struct HTTPRequest: Sendable {
  /// What is asked for.
  package enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
  }

  /// What is asked for; a `HEAD` request reads as `GET`, and its answer's body is left out.
  package let method: Method
  /// The parts of the path between slashes, percent-decoded; never empty, `.` or `..`, and without
  /// slashes, backslashes and control characters inside.
  package let path: [String]
  /// Whether the path ends with a slash, as that of a folder.
  package let endsWithSlash: Bool
  /// The query's values by name, percent-decoded; of a repeated name the last.
  package let query: [String: String]
  /// Header values by name in lower case; those of a repeated name joined by commas.
  package let headers: [String: String]
  /// What follows the head.
  package let body: HTTPBody
}

extension HTTPRequestHead {
  /// The cookies by name.
  package var cookies: [String: String] {
    var found: [String: String] = [:]
    for pair in (headers["cookie"] ?? "").split(separator: ";") {
      let parts = pair.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      found[parts[0].trimmed] = parts[1].trimmed
    }
    return found
  }
}

extension Substring {
  /// Without spaces and tabs at both ends.
  var trimmed: String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    guard let first = firstIndex(where: { !isBlank($0) }),
      let last = lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(self[first...last])
  }
}

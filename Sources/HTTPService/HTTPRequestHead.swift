/// A request's first line and headers, read strictly: what two programs could understand differently is
/// refused (RFC 9112).
package struct HTTPRequestHead: Equatable {
  /// What is asked for.
  package let method: HTTPRequest.Method
  /// Whether the answer's body is left out, as for `HEAD`.
  package let omitsBody: Bool
  /// The parts of the path: see `HTTPRequest`.
  package let path: [String]
  /// Whether the path ends with a slash.
  package let endsWithSlash: Bool
  /// The query's values by name.
  package let query: [String: String]
  /// Header values by name in lower case.
  package let headers: [String: String]
  /// Bytes of the body.
  package let contentLength: Int
  /// Whether the connection stays open after the answer, if the client has its way.
  package let keepsAlive: Bool

  /// Reads a head.
  ///
  /// - Parameters:
  ///   - bytes: Everything before the empty line.
  ///   - headerLimit: The most headers.
  /// - Throws: `HTTPProblem` saying what is wrong with it.
  package init(_ bytes: [UInt8], headerLimit: Int) throws(HTTPProblem) {
    var lines = bytes.lines()
    guard let first = lines.popFirst(), lines.count <= headerLimit else {
      throw HTTPProblem(.headersTooLarge, "The request has more than \(headerLimit) headers.")
    }
    let (method, target, version) = try Self.requestLine(first)
    let name = method == "HEAD" ? "GET" : method
    guard let known = HTTPRequest.Method(rawValue: name) else {
      throw HTTPProblem(.notImplemented, "There is no method \(method.prefix(20)) here.")
    }
    (self.method, omitsBody) = (known, method == "HEAD")
    (path, endsWithSlash, query) = try Self.parts(ofTarget: target)
    headers = try Self.headers(lines)
    guard headers["transfer-encoding"] == nil else {
      throw HTTPProblem(
        .lengthRequired, "Send the body with a Content-Length instead of a Transfer-Encoding.")
    }
    contentLength = try Self.contentLength(headers["content-length"])
    let connection = (headers["connection"] ?? "").lowercased()
    keepsAlive =
      version == "HTTP/1.1" ? !connection.contains("close") : connection.contains("keep-alive")
    guard headers["host"] != nil else {
      throw HTTPProblem(.badRequest, "The request has no Host header.")
    }
  }

  private static func requestLine(
    _ line: ArraySlice<UInt8>
  ) throws(HTTPProblem) -> (method: String, target: String, version: String) {
    let parts = String(decoding: line, as: UTF8.self).split(
      separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 3, line.allSatisfy({ $0 > 0x20 && $0 < 0x7F || $0 == 0x20 }) else {
      throw HTTPProblem(
        .badRequest, "The first line of the request is not \"METHOD /path HTTP/1.1\".")
    }
    guard parts[2] == "HTTP/1.1" || parts[2] == "HTTP/1.0" else {
      throw HTTPProblem(.versionNotSupported, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
    }
    return (String(parts[0]), String(parts[1]), String(parts[2]))
  }

  private static func parts(
    ofTarget target: String
  ) throws(HTTPProblem) -> (path: [String], endsWithSlash: Bool, query: [String: String]) {
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let start = halves.first, start.hasPrefix("/") else {
      throw HTTPProblem(.badRequest, "The address does not begin with a slash.")
    }
    var path: [String] = []
    for part in start.split(separator: "/") {
      guard let text = percentDecoded(part), text != ".", text != "..",
        !text.unicodeScalars.contains(where: {
          $0 == "/" || $0 == "\\" || $0.value < 0x20 || $0.value == 0x7F
        })
      else {
        throw HTTPProblem(.badRequest, "The address has a part that no address here has.")
      }
      path.append(text)
    }
    var query: [String: String] = [:]
    for pair in (halves.count > 1 ? halves[1] : "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = percentDecoded(sides[0], plusIsSpace: true),
        let value = percentDecoded(sides.count > 1 ? sides[1] : "", plusIsSpace: true)
      else {
        throw HTTPProblem(.badRequest, "The query is not percent-encoded UTF-8.")
      }
      query[name] = value
    }
    return (path, start.hasSuffix("/"), query)
  }

  private static func headers(
    _ lines: ArraySlice<ArraySlice<UInt8>>
  ) throws(HTTPProblem) -> [String: String] {
    var headers: [String: String] = [:]
    for line in lines {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
        line[..<colon].allSatisfy(isTokenByte),
        line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
      else {
        throw HTTPProblem(.badRequest, "A header of the request is not \"Name: value\".")
      }
      let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
      let value = Substring(decoding: line[(colon + 1)...], as: UTF8.self).trimmed
      if let earlier = headers[name] {
        guard !["host", "content-length", "transfer-encoding", "origin"].contains(name) else {
          throw HTTPProblem(.badRequest, "The header \(name) is given twice.")
        }
        headers[name] = earlier + (name == "cookie" ? "; " : ", ") + value
      } else {
        headers[name] = value
      }
    }
    return headers
  }

  private static func contentLength(_ text: String?) throws(HTTPProblem) -> Int {
    guard let text else { return 0 }
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw HTTPProblem(.badRequest, "Content-Length is not a number of bytes.")
    }
    // More digits than any size has.
    return Int(text) ?? .max
  }

  /// RFC 9110 section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}

extension [UInt8] {
  /// Lines that end with CR LF.
  fileprivate func lines() -> ArraySlice<ArraySlice<UInt8>> {
    var found: [ArraySlice<UInt8>] = []
    var start = startIndex
    for index in indices.dropFirst()
    where self[index] == UInt8(ascii: "\n") && self[index - 1] == UInt8(ascii: "\r")
      && index - 1 >= start
    {
      found.append(self[start..<(index - 1)])
      start = index + 1
    }
    if start < endIndex { found.append(self[start...]) }
    return found[...]
  }
}

/// The text behind percent signs; nil where they are not followed by two digits, or it is not UTF-8.
///
/// Decoded once: what was encoded twice stays encoded once.
func percentDecoded(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "%") else {
      bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      continue
    }
    let digits = rest.prefix(2)
    guard digits.count == 2, digits.allSatisfy(isHexadecimal),
      let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    else { return nil }
    bytes.append(value)
    rest = rest.dropFirst(2)
  }
  return String(validating: bytes, as: UTF8.self)
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
    UInt8(ascii: "A")...UInt8(ascii: "F"):
    true
  default: false
  }
}

import Foundation

/// An answer.
package struct HTTPResponse: Sendable {
  /// What follows an answer's head.
  package enum Body: Sendable {
    /// Bytes in memory.
    case bytes([UInt8])
    /// A file, which is read piece by piece while it is sent.
    case file(path: String, bytes: Int)
    /// Server-sent events, until the sequence or the connection ends.
    case events(AsyncStream<ServerSentEvent>)
  }

  /// The status code.
  package var status: HTTPStatus
  /// Header values by name.
  package var headers: [String: String]
  /// What follows the head.
  package var body: Body

  /// Makes an answer.
  package init(_ status: HTTPStatus, headers: [String: String] = [:], body: Body = .bytes([])) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }

  /// An answer of bytes of a type such as `image/png`.
  package init(_ bytes: [UInt8], type: String, headers: [String: String] = [:]) {
    self.init(
      .ok, headers: headers.merging(["Content-Type": type]) { $1 }, body: .bytes(bytes))
  }

  /// A value as JSON.
  package init(
    json value: some Encodable, status: HTTPStatus = .ok, headers: [String: String] = [:]
  ) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    // What is encoded here are records of texts and finite numbers.
    let bytes = (try? encoder.encode(value)).map { Array($0) } ?? Array("null".utf8)
    self.init(
      status,
      headers: headers.merging(["Content-Type": "application/json; charset=utf-8"]) { $1 },
      body: .bytes(bytes + [UInt8(ascii: "\n")]))
  }

  /// A problem as JSON: `{"error": "What is wrong and what to do."}`.
  package init(_ problem: HTTPProblem, headers: [String: String] = [:]) {
    self.init(json: ["error": problem.message], status: problem.status, headers: headers)
    if problem.status == .tooManyRequests || problem.status == .unavailable {
      self.headers["Retry-After"] = "2"
    }
  }

  /// Events of a stream.
  package init(events: AsyncStream<ServerSentEvent>) {
    // Proxies such as nginx would collect events otherwise.
    self.init(
      .ok, headers: ["Content-Type": "text/event-stream", "X-Accel-Buffering": "no"],
      body: .events(events))
  }

  /// The first line and the headers, with the empty line after them.
  func head(keepsAlive: Bool, adding common: [String: String]) -> [UInt8] {
    var all = common.merging(headers) { $1 }
    switch body {
    case .bytes(let bytes): all["Content-Length"] = "\(bytes.count)"
    case .file(_, let count): all["Content-Length"] = "\(count)"
    case .events: break
    }
    all["Connection"] = keepsAlive ? "keep-alive" : "close"
    let lines = all.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.onOneLine)\r\n" }
    return Array("HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n\(lines.joined())\r\n".utf8)
  }
}

extension String {
  /// Without the control characters that would end a header.
  fileprivate var onOneLine: String {
    String(String.UnicodeScalarView(unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
  }
}

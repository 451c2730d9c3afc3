import Foundation
import Glibc

/// A blocking HTTP client that sends whatever bytes it is told to.
package struct HTTPClient: Sendable {
  /// What came back.
  package struct Answer: Sendable {
    package let status: Int
    /// Values by name in lower case.
    package let headers: [String: String]
    package let body: [UInt8]

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The text of a member of a JSON object, by the simplest means.
    package func member(_ name: String) -> String? {
      let parts = text.components(separatedBy: "\"\(name)\":\"")
      guard parts.count > 1 else { return nil }
      return parts[1].components(separatedBy: "\"").first
    }
  }

  /// Nothing answered.
  package struct NoAnswer: Error {}

  private let port: UInt16

  package init(port: UInt16) { self.port = port }

  /// Sends a request and reads its answer.
  package func send(
    _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8] = []
  ) throws -> Answer {
    var all = ["Host": "127.0.0.1:\(port)", "Connection": "close"].merging(headers) { $1 }
    if method != "GET", all["Content-Length"] == nil { all["Content-Length"] = "\(body.count)" }
    let head =
      "\(method) \(target) HTTP/1.1\r\n"
      + all.map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n"
    return try send(bytes: Array(head.utf8) + body)
  }

  /// Sends bytes, and reads until the server closes the connection.
  package func send(bytes: [UInt8]) throws -> Answer {
    let connection = try Connection(port: port)
    defer { connection.close() }
    connection.write(bytes)
    return try Self.answer(connection.readAll())
  }

  /// An open connection, for those that behave badly.
  package final class Connection {
    private let descriptor: Int32

    package init(port: UInt16) throws {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var limit = timeval(tv_sec: 300, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard status == 0 else {
        Glibc.close(descriptor)
        throw NoAnswer()
      }
    }

    /// Sends bytes; false where the server does not take them.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }

    /// Ends the sending side.
    package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next bytes; none at the end.
    package func read() -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: 65536)
      let count = recv(descriptor, &bytes, bytes.count, 0)
      return Array(bytes.prefix(max(0, count)))
    }

    /// Everything up to the end.
    package func readAll() -> [UInt8] {
      var bytes: [UInt8] = []
      while true {
        let next = read()
        if next.isEmpty { return bytes }
        bytes += next
      }
    }

    package func close() { Glibc.close(descriptor) }
  }

  /// Reads an answer's bytes.
  package static func answer(_ bytes: [UInt8]) throws -> Answer {
    var bytes = bytes[...]
    let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    if bytes.starts(with: interim) { bytes = bytes.dropFirst(interim.count) }
    let end = Array("\r\n\r\n".utf8)
    guard
      let index = bytes.indices.first(where: { bytes[$0...].starts(with: end) }),
      bytes.starts(with: Array("HTTP/1.1 ".utf8))
    else { throw NoAnswer() }
    let lines = String(decoding: bytes[..<index], as: UTF8.self).split(separator: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { throw NoAnswer() }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
    }
    return Answer(status: status, headers: headers, body: Array(bytes[(index + end.count)...]))
  }
}

import Foundation
import Synchronization

/// Serves the files of a folder over HTTP, on a port of this machine that no other machine reaches.
final class FileServer: Sendable {
  /// Where it answers, such as `http://127.0.0.1:40123`.
  let address: String
  private let socket: Int32
  private let requests = Mutex<[String]>([])

  /// The paths that were asked for, in order.
  var paths: [String] { requests.withLock { $0 } }

  /// Starts to serve.
  init(_ folder: String) throws {
    socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    let isListening = withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) == 0 && listen(socket, 8) == 0 && getsockname(socket, $0, &size) == 0
      }
    }
    guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
    Thread { [weak self] in
      while true {
        let connection = accept(socket, nil, nil)
        guard connection >= 0, let self else { return }
        self.answer(connection, folder)
        close(connection)
      }
    }.start()
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  private func answer(_ connection: Int32, _ folder: String) {
    var request: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while request.suffix(4) != [13, 10, 13, 10] {
      let count = recv(connection, &part, part.count, 0)
      guard count > 0 else { return }
      request += part[..<count]
    }
    let words = String(decoding: request, as: UTF8.self).split(separator: " ")
    guard words.count > 1 else { return }
    let path = String(words[1])
    requests.withLock { $0.append(path) }
    let body = FileManager.default.contents(atPath: folder + path)
    let head =
      "HTTP/1.1 \(body == nil ? "404 Not Found" : "200 OK")\r\n"
      + "Content-Length: \(body?.count ?? 0)\r\nConnection: close\r\n\r\n"
    var rest = Array(head.utf8) + (body ?? Data())
    while !rest.isEmpty {
      let count = send(connection, rest, rest.count, Int32(MSG_NOSIGNAL))
      guard count > 0 else { return }
      rest.removeFirst(count)
    }
  }
}

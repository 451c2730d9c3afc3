import Foundation
import HTTPService
import TensorCore
import TestSupport
import Testing

/// Says what it was asked.
private struct Echo: HTTPHandler {
  func response(to request: HTTPRequest) async -> HTTPResponse {
    do {
      switch request.path.first {
      case "events":
        return HTTPResponse(
          events: AsyncStream { continuation in
            continuation.yield(ServerSentEvent("one", data: "1\n2"))
            continuation.finish()
          })
      case "slow":
        try? await Task.sleep(for: .milliseconds(300))
        return HTTPResponse(json: ["slow": "done"])
      case "ignore": return HTTPResponse(HTTPProblem(.notFound, "Nothing."))
      default:
        let body = try await request.body.bytes(limit: 100_000)
        return HTTPResponse(
          json: ["path": request.path.joined(separator: "|"), "bytes": "\(body.count)"])
      }
    } catch {
      return HTTPResponse(error)
    }
  }
}

/// A server that runs as long as this is kept.
private final class Running: Sendable {
  let server: HTTPServer
  let client: HTTPClient
  private let ended = DispatchSemaphore(value: 0)

  init(_ change: (inout HTTPLimits) -> Void = { _ in }) throws {
    var limits = HTTPLimits()
    change(&limits)
    server = try HTTPServer(
      host: "127.0.0.1", port: 0, limits: limits, access: AccessRules(), handler: Echo())
    client = HTTPClient(port: server.port)
    Task { [server, ended] in
      await server.run()
      ended.signal()
    }
  }

  /// Ends the server; whether it came to its end.
  func stop() async -> Bool {
    await server.stop(graceSeconds: 5)
    return await withCheckedContinuation { continuation in
      Thread { [ended] in
        continuation.resume(returning: ended.wait(timeout: .now() + 20) == .success)
      }.start()
    }
  }
}

/// Lets a client that blocks do so on a thread of its own: tests and server share few.
private func onOwnThread(_ body: @escaping @Sendable () throws -> Void) async throws {
  try await withCheckedThrowingContinuation {
    (continuation: CheckedContinuation<Void, any Error>) in
    Thread { continuation.resume(with: Result { try body() }) }.start()
  }
}

@Suite(.serialized) struct HTTPServerTests {
  @Test func requestsAreAnsweredOneAfterAnother() async throws {
    let running = try Running()
    let (port, client) = (running.server.port, running.client)
    try await onOwnThread {
      let connection = try HTTPClient.Connection(port: port)
      defer { connection.close() }
      let head = "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
      connection.write(
        Array("\(head)\r\nabc\(head)\r\ndef\(head)Connection: close\r\n\r\nghi".utf8))
      let answers = String(decoding: connection.readAll(), as: UTF8.self)
      #expect(answers.components(separatedBy: "\"bytes\":\"3\"").count == 4)
      #expect(answers.contains("nosniff") && answers.contains("default-src 'self'"))
      #expect(try client.send("HEAD", "/x").body.isEmpty)
    }
    #expect(await running.stop())
  }

  @Test func eventsAreSent() async throws {
    let running = try Running()
    let client = running.client
    try await onOwnThread {
      let answer = try client.send("GET", "/events")
      #expect(answer.headers["content-type"] == "text/event-stream")
      #expect(answer.text.contains("event: one\ndata: 1\ndata: 2\n\n"))
    }
    #expect(await running.stop())
  }

  @Test func clientsThatWaitToBeAskedAreAsked() async throws {
    let running = try Running()
    let port = running.server.port
    try await onOwnThread {
      let connection = try HTTPClient.Connection(port: port)
      defer { connection.close() }
      connection.write(
        Array(
          ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n"
            + "Expect: 100-continue\r\n\r\n").utf8))
      #expect(String(decoding: connection.read(), as: UTF8.self).hasPrefix("HTTP/1.1 100 "))
      connection.write([1, 2])
      #expect(String(decoding: connection.readAll(), as: UTF8.self).contains("\"bytes\":\"2\""))
    }
    #expect(await running.stop())
  }

  @Test func whatIsTooLargeIsRefusedBeforeItIsRead() async throws {
    let running = try Running()
    let client = running.client
    try await onOwnThread {
      let large = try client.send("POST", "/a", headers: ["Content-Length": "10000000000"])
      #expect(large.status == 413 && large.member("error")?.contains("10000000000") == true)
      #expect(
        try client.send("POST", "/ignore", headers: ["Content-Length": "9999999999999999999999"])
          .status == 404)
      let bomb = String(repeating: "a", count: 1 << 20)
      #expect(try client.send("GET", "/\(bomb)").status == 414)
      #expect(try client.send("GET", "/", headers: ["X": bomb]).status == 431)
      #expect(
        try client.send(
          "GET", "/", headers: Dictionary(uniqueKeysWithValues: (0..<200).map { ("X-\($0)", "a") })
        ).status == 431)
      #expect(try client.send("GET", "/fine").status == 200)
    }
    #expect(await running.stop())
  }

  @Test func slowSendersAreCutOff() async throws {
    let running = try Running {
      $0.headSeconds = 0.3
      $0.bodySeconds = 0.3
      $0.idleSeconds = 0.3
    }
    let (port, client) = (running.server.port, running.client)
    try await onOwnThread {
      for beginning in [
        "GET / HT", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nab",
      ] {
        let connection = try HTTPClient.Connection(port: port)
        defer { connection.close() }
        connection.write(Array(beginning.utf8))
        let text = String(decoding: connection.readAll(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 408 "), Comment(rawValue: text))
      }
      let silent = try HTTPClient.Connection(port: port)
      defer { silent.close() }
      #expect(silent.readAll().isEmpty)
      #expect(try client.send("GET", "/fine").status == 200)
    }
    #expect(await running.stop())
  }

  @Test func connectionsByTheHundredLeaveRoomForOneMore() async throws {
    let running = try Running { $0.connections = 40 }
    let (port, client) = (running.server.port, running.client)
    try await onOwnThread {
      var connections: [HTTPClient.Connection] = []
      defer { connections.forEach { $0.close() } }
      for number in 0..<300 {
        let connection = try HTTPClient.Connection(port: port)
        if number.isMultiple(of: 2) { connection.write(Array("GET / HTTP/1.1\r\nHo".utf8)) }
        connections.append(connection)
        if number.isMultiple(of: 50) {
          #expect(try client.send("GET", "/fine").status == 200)
        }
      }
      #expect(try client.send("GET", "/fine").status == 200)
    }
    #expect(await running.stop())
  }

  @Test func theEndWaitsForAnswers() async throws {
    let running = try Running()
    let port = running.server.port
    async let answer: Void = onOwnThread {
      let answer = try HTTPClient(port: port).send("GET", "/slow")
      #expect(answer.text.contains("done"))
    }
    try await Task.sleep(for: .milliseconds(100))
    #expect(await running.stop())
    try await answer
    #expect(throws: HTTPClient.NoAnswer.self) { try running.client.send("GET", "/") }
  }

  /// Requests with bytes changed, left out, doubled and cut off: whatever comes, the next honest one is
  /// answered.
  @Test func mutatedRequestsDoNoHarm() async throws {
    let running = try Running {
      $0.headSeconds = 0.5
      $0.bodySeconds = 0.5
    }
    let (port, client) = (running.server.port, running.client)
    try await onOwnThread {
      let seeds = [
        "GET /api/pictures?name=a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "POST /api/fills HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
          + "Connection: close\r\nExpect: 100-continue\r\n\r\nabcde",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
      ].map { Array($0.utf8) }
      for number in 0..<2000 {
        var random = CounterBasedRandom(seed: 7, purpose: .mask, sample: number)
        var bytes = seeds[number % seeds.count]
        for _ in 0...random.integer(in: 0...4) where !bytes.isEmpty {
          let place = random.integer(in: 0...bytes.count - 1)
          switch random.integer(in: 0...4) {
          case 0: bytes[place] = UInt8(random.integer(in: 0...255))
          case 1: bytes.remove(at: place)
          case 2: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
          case 3: bytes.insert(contentsOf: [0x0D, 0x0A], at: place)
          default: bytes = Array(bytes[..<place])
          }
        }
        let connection = try HTTPClient.Connection(port: port)
        connection.write(bytes)
        connection.endSending()
        _ = connection.readAll()
        connection.close()
        if number.isMultiple(of: 200) {
          #expect(try client.send("GET", "/fine").status == 200)
        }
      }
      #expect(try client.send("GET", "/fine").status == 200)
    }
    #expect(await running.stop())
  }
}

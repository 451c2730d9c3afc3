import FlyingSocks
import Foundation

/// One client's requests, one after another.
actor HTTPConnection {
  private let socket: AsyncSocket
  private let number: Int
  private let registry: ConnectionRegistry
  private let limits: HTTPLimits
  private let access: AccessRules
  private let handler: any HTTPHandler
  /// Received, and not yet used.
  private var received: [UInt8] = []
  /// Bytes of the present request's body that have not been used.
  private var bodyLeft = 0
  private var bodyReserved = 0
  private var wantsContinue = false

  init(
    _ socket: AsyncSocket, number: Int, registry: ConnectionRegistry, limits: HTTPLimits,
    access: AccessRules, handler: any HTTPHandler
  ) {
    (self.socket, self.number, self.registry) = (socket, number, registry)
    (self.limits, self.access, self.handler) = (limits, access, handler)
  }

  /// Answers requests until one of both sides has enough.
  func serve() async {
    do {
      while try await answerNext() {
        registry.note(number, .idle, seconds: limits.idleSeconds)
      }
    } catch {
      // The client has gone, or was too slow to read.
    }
    registry.release(bodyBytes: bodyReserved)
  }

  /// Answers a request.
  ///
  /// - Returns: Whether there may be another one.
  private func answerNext() async throws -> Bool {
    let head: HTTPRequestHead
    do {
      guard let bytes = try await headBytes() else { return false }
      head = try HTTPRequestHead(bytes, headerLimit: limits.headerCount)
    } catch let problem as HTTPProblem {
      try await send(HTTPResponse(problem), keepsAlive: false, omitsBody: false)
      return false
    }
    bodyLeft = head.contentLength
    wantsContinue = head.headers["expect"]?.lowercased() == "100-continue"
    registry.note(number, .answering, seconds: nil)
    let response =
      if let problem = access.refusal(head) {
        HTTPResponse(problem)
      } else {
        await handler.response(to: request(head))
      }
    registry.release(bodyBytes: bodyReserved)
    bodyReserved = 0
    let keepsAlive = head.keepsAlive && bodyLeft <= limits.headBytes && !registry.isStopping
    try await send(response, keepsAlive: keepsAlive, omitsBody: head.omitsBody)
    if keepsAlive, case .events = response.body { return false }
    return keepsAlive ? await discardBody() : false
  }

  private func request(_ head: HTTPRequestHead) -> HTTPRequest {
    HTTPRequest(
      method: head.method, path: head.path, endsWithSlash: head.endsWithSlash, query: head.query,
      headers: head.headers,
      body: HTTPBody(length: head.contentLength) { [self] limit throws(HTTPProblem) in
        try await body(limit: limit)
      })
  }

  // MARK: Receiving

  /// Everything before the next empty line; nil where the client has closed the connection before.
  private func headBytes() async throws -> [UInt8]? {
    let end = Array("\r\n\r\n".utf8)
    var searched = 0
    var hasBegun = false
    while true {
      if !hasBegun, !received.isEmpty {
        hasBegun = true
        registry.note(number, .receiving, seconds: limits.headSeconds)
      }
      // Empty lines before a request are allowed (RFC 9112, section 2.2).
      while received.starts(with: end.prefix(2)) { received.removeFirst(2) }
      if let index = received.firstIndex(of: end, from: max(0, searched - 3)) {
        guard index <= limits.headBytes else { break }
        let head = Array(received[..<index])
        received.removeFirst(index + end.count)
        return head
      }
      searched = received.count
      guard received.count <= limits.headBytes else { break }
      guard let more = await receive() else {
        guard hasBegun else { return nil }
        throw HTTPProblem(.requestTimeout, "The request's head did not come to its end in time.")
      }
      received += more
    }
    let line = received.firstIndex(of: UInt8(ascii: "\n")) ?? received.count
    throw line > limits.headBytes / 2
      ? HTTPProblem(.uriTooLong, "The address is longer than any address here.")
      : HTTPProblem(
        .headersTooLarge, "The request's headers have more than \(limits.headBytes) bytes.")
  }

  private func body(limit: Int) async throws(HTTPProblem) -> [UInt8] {
    guard bodyLeft > 0 else { return [] }
    if wantsContinue {
      wantsContinue = false
      try? await socket.write(Data("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    }
    var bytes: [UInt8] = []
    let start = ContinuousClock.now
    while bodyLeft > 0 {
      if received.isEmpty {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let allowed = limits.bodySeconds + Double(bytes.count) / limits.slowestBytesPerSecond
        registry.note(
          number, .receiving, seconds: max(0, min(allowed - seconds, limits.idleSeconds)))
        guard let more = await receive() else {
          throw HTTPProblem(
            .requestTimeout,
            "\(bodyLeft) bytes of the request's body did not arrive, or too slowly; send it again.")
        }
        received = more
      }
      let part = received.prefix(bodyLeft)
      guard registry.reserve(bodyBytes: part.count) else {
        throw HTTPProblem(
          .unavailable, "Too much is being sent to this server at once; try again in a moment.")
      }
      bodyReserved += part.count
      bytes += part
      bodyLeft -= part.count
      received.removeFirst(part.count)
    }
    registry.note(number, .answering, seconds: nil)
    return bytes
  }

  /// Reads over what a handler has left of a body.
  private func discardBody() async -> Bool {
    while bodyLeft > 0 {
      if received.isEmpty {
        registry.note(number, .receiving, seconds: limits.headSeconds)
        guard let more = await receive() else { return false }
        received = more
      }
      let count = min(bodyLeft, received.count)
      received.removeFirst(count)
      bodyLeft -= count
    }
    return true
  }

  /// The next bytes; nil where there are no more.
  private func receive() async -> [UInt8]? {
    try? await socket.read(atMost: 4096)
  }

  // MARK: Sending

  private func send(_ response: HTTPResponse, keepsAlive: Bool, omitsBody: Bool) async throws {
    registry.note(number, .answering, seconds: limits.answerSeconds)
    let isStream = if case .events = response.body { true } else { false }
    let stays = keepsAlive && !isStream
    var head = response.head(keepsAlive: stays, adding: HTTPServer.commonHeaders)
    switch response.body {
    case .bytes(let bytes):
      // Small answers leave in one piece.
      if !omitsBody { head += bytes }
      try await write(head)
    case .file(let path, let count):
      try await write(head)
      if !omitsBody { try await send(file: path, count) }
    case .events(let events):
      try await write(head)
      if !omitsBody { try await send(events) }
    }
    if !stays { await linger() }
  }

  private func send(file path: String, _ count: Int) async throws {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    var left = count
    while left > 0 {
      // A file that has become shorter ends the connection: the client sees that something lacks.
      guard let piece = try file.read(upToCount: min(left, 256 << 10)), !piece.isEmpty else {
        throw SocketError.disconnected
      }
      left -= piece.count
      try await write([UInt8](piece))
    }
  }

  /// Sends events as they come, and now and then nothing, which finds out that a client has gone.
  private func send(_ events: AsyncStream<ServerSentEvent>) async throws {
    let pieces = AsyncStream<[UInt8]> { continuation in
      let beats = Task {
        while !Task.isCancelled {
          continuation.yield(ServerSentEvent.nothing)
          try? await Task.sleep(for: .seconds(10))
        }
      }
      let forwards = Task {
        for await event in events { continuation.yield(event.bytes) }
        continuation.finish()
      }
      continuation.onTermination = { _ in
        beats.cancel()
        forwards.cancel()
      }
    }
    for await piece in pieces { try await write(piece) }
  }

  private func write(_ bytes: [UInt8]) async throws {
    var rest = Data(bytes)[...]
    while !rest.isEmpty {
      let piece = rest.prefix(256 << 10)
      rest = rest.dropFirst(piece.count)
      registry.note(number, .answering, seconds: limits.answerSeconds)
      try await socket.write(Data(piece))
    }
    registry.note(number, .answering, seconds: nil)
  }

  /// Reads on for a moment after the last answer: closing at once would take the answer from a client
  /// that still sends.
  private func linger() async {
    registry.endSending(number)
    registry.note(number, .receiving, seconds: 2)
    var count = received.count
    while count < 1 << 20, let more = await receive() { count += more.count }
  }
}

extension [UInt8] {
  /// Where some bytes stand the first time.
  fileprivate func firstIndex(of pattern: [UInt8], from start: Int) -> Int? {
    guard count >= pattern.count, start <= count - pattern.count else { return nil }
    return (start...(count - pattern.count)).first {
      self[$0] == pattern[0] && self[$0..<($0 + pattern.count)].elementsEqual(pattern)
    }
  }
}

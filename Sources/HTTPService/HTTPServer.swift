import FlyingSocks
import Foundation
import Glibc

/// A small HTTP/1.1 server that stays up whatever its clients send.
///
/// Its sockets and their event loop are FlyingFox's (`FlyingSocks`). Heads are read here, since
/// FlyingFox's own server reads them without a limit of bytes or of time, hangs up where an error message
/// is due, and ends when the system has no descriptor left for a connection.
package final class HTTPServer: Sendable {
  /// The port that it listens at.
  package let port: UInt16
  private let socket: Socket
  private let registry: ConnectionRegistry
  private let limits: HTTPLimits
  private let access: AccessRules
  private let handler: any HTTPHandler
  private let acceptor = StoppableTask()

  /// Takes an address.
  ///
  /// - Parameters:
  ///   - host: A name or an address of this machine.
  ///   - port: The port, or 0 for a free one.
  ///   - limits: What is taken from clients at most.
  ///   - access: Who may ask.
  ///   - handler: What answers.
  /// - Throws: `ListenError` where the address cannot be taken.
  package init(
    host: String, port: UInt16, limits: HTTPLimits = HTTPLimits(), access: AccessRules,
    handler: any HTTPHandler
  ) throws(ListenError) {
    (self.limits, self.access, self.handler) = (limits, access, handler)
    registry = ConnectionRegistry(limits: limits)
    (socket, self.port) = try listeningSocket(host: host, port: port)
  }

  /// Answers requests until `stop` is called.
  package func run() async {
    // A client that goes away while an answer is sent would otherwise end the process.
    signal(SIGPIPE, SIG_IGN)
    Self.allowManyDescriptors()
    let pool = SocketPool.make()
    guard (try? await pool.prepare()) != nil else { return }
    let events = Task { try await pool.run() }
    let sweeper = Task { [registry] in
      while !Task.isCancelled {
        registry.endOverdue()
        try? await Task.sleep(for: .milliseconds(250))
      }
    }
    await acceptor.run { [self] in await acceptConnections(from: pool) }
    while registry.count > 0 { try? await Task.sleep(for: .milliseconds(20)) }
    sweeper.cancel()
    events.cancel()
    _ = try? await events.value
    try? socket.close()
  }

  /// Takes no more connections, and returns when the present requests are answered.
  ///
  /// - Parameter graceSeconds: After that long, connections are closed in the middle of an answer.
  package func stop(graceSeconds: Double) async {
    registry.stop()
    acceptor.stop()
    let end = ContinuousClock.now + .seconds(graceSeconds)
    while registry.count > 0, ContinuousClock.now < end {
      try? await Task.sleep(for: .milliseconds(20))
    }
    registry.endAll()
  }

  private func acceptConnections(from pool: some AsyncSocketPool) async {
    guard let listener = try? AsyncSocket(socket: socket, pool: pool) else { return }
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        while registry.isCrowded { try? await Task.sleep(for: .milliseconds(1)) }
        do {
          let client = try await listener.accept()
          let descriptor = client.socket.file.rawValue
          guard let number = registry.add(descriptor) else {
            try? client.close()
            continue
          }
          group.addTask { [self] in
            // A stop cancels the task group's owner; answers are finished all the same.
            let task = Task {
              await HTTPConnection(
                client, number: number, registry: registry, limits: limits, access: access,
                handler: handler
              ).serve()
            }
            await task.value
            registry.close(number)
          }
        } catch {
          // No descriptor is free: some will be.
          try? await Task.sleep(for: .milliseconds(50))
        }
      }
    }
  }

  /// What every answer says: nothing is guessed, framed, referred to or kept.
  static let commonHeaders = [
    "Cache-Control": "no-store",
    "Content-Security-Policy":
      "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
      + "form-action 'self'; frame-ancestors 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
  ]

  private static func allowManyDescriptors() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 4096))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

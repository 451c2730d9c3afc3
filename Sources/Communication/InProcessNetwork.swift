import Foundation

/// The messages between the ranks of a run that lives on the threads of one process.
///
/// Messages with the same sender, receiver and tag arrive in the order in which they were sent and
/// match receives in the order in which those were started, as in MPI.
final class InProcessNetwork: @unchecked Sendable {
  struct Route: Hashable {
    let source: Int
    let destination: Int
    let tag: Int
  }

  private struct PendingReceive {
    let identifier: UInt64
    let bytes: UnsafeMutableRawBufferPointer
  }

  let worldSize: Int
  /// Guards everything below.
  private let condition = NSCondition()
  private var messages: [Route: [[UInt8]]] = [:]
  private var receives: [Route: [PendingReceive]] = [:]
  private var unfinished: Set<UInt64> = []
  private var lastIdentifier: UInt64 = 0
  private var arrivals = 0
  private var generation = 0
  private var isAborted = false

  init(worldSize: Int) {
    self.worldSize = worldSize
  }

  func send(_ bytes: UnsafeRawBufferPointer, along route: Route) throws(CommunicationError) {
    condition.lock()
    defer { condition.unlock() }
    try checkAlive()
    if let receive = receives[route]?.first {
      receives[route]?.removeFirst()
      deliver(bytes, to: receive)
    } else {
      messages[route, default: []].append([UInt8](bytes))
    }
    condition.broadcast()
  }

  /// Starts a receive, and returns its identifier.
  func receive(
    _ bytes: UnsafeMutableRawBufferPointer, along route: Route
  ) throws(CommunicationError) -> UInt64 {
    condition.lock()
    defer { condition.unlock() }
    try checkAlive()
    lastIdentifier += 1
    let receive = PendingReceive(identifier: lastIdentifier, bytes: bytes)
    unfinished.insert(lastIdentifier)
    if let message = messages[route]?.first {
      messages[route]?.removeFirst()
      message.withUnsafeBytes { deliver($0, to: receive) }
    } else {
      receives[route, default: []].append(receive)
    }
    return receive.identifier
  }

  /// Whether a receive is complete; an incomplete one gives way to the other threads first.
  func isComplete(_ identifier: UInt64) throws(CommunicationError) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    if unfinished.contains(identifier) {
      try checkAlive()
      _ = condition.wait(until: Date(timeIntervalSinceNow: 0.0005))
    }
    return !unfinished.contains(identifier)
  }

  func barrier() throws(CommunicationError) {
    condition.lock()
    defer { condition.unlock() }
    let mine = generation
    arrivals += 1
    if arrivals == worldSize {
      arrivals = 0
      generation += 1
      condition.broadcast()
    }
    while generation == mine {
      try checkAlive()
      condition.wait()
    }
  }

  func abort() {
    condition.lock()
    isAborted = true
    condition.broadcast()
    condition.unlock()
  }

  private func deliver(_ bytes: UnsafeRawBufferPointer, to receive: PendingReceive) {
    precondition(
      bytes.count == receive.bytes.count,
      "a message of \(bytes.count) bytes meets a receive of \(receive.bytes.count)")
    receive.bytes.copyMemory(from: bytes)
    unfinished.remove(receive.identifier)
  }

  private func checkAlive() throws(CommunicationError) {
    if isAborted { throw CommunicationError(.aborted, "another rank ended the run") }
  }
}

import Foundation

/// A rank that is a thread of this process: the communicator of tests and dry runs.
package final class InProcessCommunicator: Communicator {
  package let rank: Int
  package let worldSize: Int
  package let hostName = "in-process"
  package let transportDescription = "threads of one process"
  package var hostRank: Int { rank }
  package var hostSize: Int { worldSize }

  private static let collectiveTag = 1 << 30
  private let network: InProcessNetwork

  private init(rank: Int, network: InProcessNetwork) {
    self.rank = rank
    worldSize = network.worldSize
    self.network = network
  }

  /// Runs the same work on every rank, each on a thread of its own, and waits for all.
  ///
  /// - Parameters:
  ///   - worldSize: The number of ranks.
  ///   - body: The work of one rank.
  /// - Returns: What each rank returned, in rank order.
  /// - Throws: The first error in rank order; a rank that throws ends the run for all others.
  package static func run<Result: Sendable>(
    worldSize: Int, _ body: @escaping @Sendable (any Communicator) throws -> Result
  ) throws -> [Result] {
    let network = InProcessNetwork(worldSize: worldSize)
    let outcomes = Outcomes<Result>(count: worldSize)
    for rank in 0..<worldSize {
      let thread = Thread {
        let communicator = InProcessCommunicator(rank: rank, network: network)
        outcomes.set(rank, Swift.Result { try body(communicator) })
        if case .failure = outcomes.get(rank) { network.abort() }
        outcomes.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    let all = outcomes.wait()
    // A rank that only saw the run end says nothing about the cause.
    for outcome in all {
      if case .failure(let error) = outcome, (error as? CommunicationError)?.code != .aborted {
        throw error
      }
    }
    return try all.map { try $0.get() }
  }

  package func barrier() throws(CommunicationError) {
    try network.barrier()
  }

  package func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, root: Int
  ) throws(CommunicationError) {
    if rank == root {
      for other in 0..<worldSize where other != root {
        try network.send(UnsafeRawBufferPointer(bytes), along: collective(from: root, to: other))
      }
    } else {
      try receive(bytes, along: collective(from: root, to: rank))
    }
  }

  package func gather(_ bytes: [UInt8]) throws(CommunicationError) -> [[UInt8]] {
    let all = try allGather(bytes)
    return rank == 0 ? all : []
  }

  package func allGather(_ bytes: [UInt8]) throws(CommunicationError) -> [[UInt8]] {
    var all: [[UInt8]] = []
    for root in 0..<worldSize { all.append(try broadcast(bytes, root: root)) }
    return all
  }

  package func startSend(
    _ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int
  ) throws(CommunicationError) -> CommunicationRequest {
    try network.send(bytes, along: .init(source: self.rank, destination: rank, tag: tag))
    return CommunicationRequest()
  }

  package func startReceive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int
  ) throws(CommunicationError) -> CommunicationRequest {
    let route = InProcessNetwork.Route(source: rank, destination: self.rank, tag: tag)
    return CommunicationRequest(handle: try network.receive(bytes, along: route))
  }

  package func isComplete(
    _ request: inout CommunicationRequest
  ) throws(CommunicationError) -> Bool {
    if !request.isFinished, try network.isComplete(request.handle) { request.handle = 0 }
    return request.isFinished
  }

  /// Sums in rank order, as a ring would: not the canonical tree.
  package func librarySum(
    _ source: UnsafeBufferPointer<Float>?, into result: UnsafeMutableBufferPointer<Float>
  ) throws(CommunicationError) {
    if let source { _ = result.update(from: source) }
    let all = try allGather([UInt8](UnsafeRawBufferPointer(UnsafeBufferPointer(result))))
    for index in result.indices {
      result[index] = all.reduce(0) { sum, bytes in
        sum
          + bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4 * index, as: Float.self) }
      }
    }
  }

  package func startLibrarySum(
    _ source: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>
  ) throws(CommunicationError) -> CommunicationRequest {
    try librarySum(source, into: result)
    return CommunicationRequest()
  }

  package func abort(code: Int32) {
    network.abort()
  }

  package func finalize() {}

  private func collective(from source: Int, to destination: Int) -> InProcessNetwork.Route {
    .init(source: source, destination: destination, tag: Self.collectiveTag)
  }

  private func receive(
    _ bytes: UnsafeMutableRawBufferPointer, along route: InProcessNetwork.Route
  ) throws(CommunicationError) {
    let identifier = try network.receive(bytes, along: route)
    while try !network.isComplete(identifier) {}
  }
}

/// The results of the ranks' threads.
private final class Outcomes<Value: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private var results: [Result<Value, any Error>?]
  private var running: Int

  init(count: Int) {
    results = Array(repeating: nil, count: count)
    running = count
  }

  func set(_ rank: Int, _ result: Result<Value, any Error>) {
    condition.withLock { results[rank] = result }
  }

  func get(_ rank: Int) -> Result<Value, any Error>? {
    condition.withLock { results[rank] }
  }

  func leave() {
    condition.lock()
    running -= 1
    condition.broadcast()
    condition.unlock()
  }

  func wait() -> [Result<Value, any Error>] {
    condition.lock()
    defer { condition.unlock() }
    while running > 0 { condition.wait() }
    return results.compactMap { $0 }
  }
}

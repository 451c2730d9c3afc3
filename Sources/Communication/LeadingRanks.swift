import Foundation

/// The first ranks of a run as a run of their own, to measure what fewer ranks would do.
///
/// Its collective operations are made of single messages through rank 0. There is no sum by the library, which
/// MPI makes over all ranks: reductions are canonical.
package final class LeadingRanks: Communicator {
  package let worldSize: Int
  private let all: any Communicator

  /// Makes a run of the first ranks of another.
  ///
  /// - Parameters:
  ///   - count: How many ranks, this one among them.
  ///   - all: The ranks of the whole run.
  package init(_ count: Int, of all: any Communicator) {
    precondition((1...all.worldSize).contains(count) && all.rank < count)
    worldSize = count
    self.all = all
  }

  package var rank: Int { all.rank }
  package var hostName: String { all.hostName }
  package var hostRank: Int { all.hostRank }
  /// As where ranks fill one host after the other.
  package var hostSize: Int { min(all.hostSize, worldSize) }
  package var transportDescription: String { all.transportDescription }

  package func barrier() throws(CommunicationError) { _ = try allGather([UInt8]()) }

  package func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, root: Int
  ) throws(CommunicationError) {
    if rank == root {
      for receiver in 0..<worldSize where receiver != root {
        try finish(
          startSend(UnsafeRawBufferPointer(bytes), to: receiver, tag: MessageTags.leadingRanks))
      }
    } else {
      try finish(startReceive(bytes, from: root, tag: MessageTags.leadingRanks))
    }
  }

  package func gather(_ bytes: [UInt8]) throws(CommunicationError) -> [[UInt8]] {
    guard isRoot else {
      try send(Double(bytes.count), to: 0, tag: MessageTags.leadingRanks)
      try bytes.withUnsafeBufferPointer { buffer throws(CommunicationError) in
        try finish(
          startSend(UnsafeRawBufferPointer(buffer), to: 0, tag: MessageTags.leadingRanks))
      }
      return []
    }
    var gathered = [bytes]
    for sender in 1..<worldSize {
      let count = Int(try receive(from: sender, tag: MessageTags.leadingRanks))
      var received = [UInt8](repeating: 0, count: count)
      try received.withUnsafeMutableBufferPointer { buffer throws(CommunicationError) in
        try finish(
          startReceive(
            UnsafeMutableRawBufferPointer(buffer), from: sender, tag: MessageTags.leadingRanks))
      }
      gathered.append(received)
    }
    return gathered
  }

  package func allGather(_ bytes: [UInt8]) throws(CommunicationError) -> [[UInt8]] {
    let gathered = try gather(bytes)
    return try (0..<worldSize).map { sender throws(CommunicationError) in
      try broadcast(isRoot ? gathered[sender] : [])
    }
  }

  package func startSend(
    _ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int
  ) throws(CommunicationError) -> CommunicationRequest {
    try all.startSend(bytes, to: rank, tag: tag)
  }

  package func startReceive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int
  ) throws(CommunicationError) -> CommunicationRequest {
    try all.startReceive(bytes, from: rank, tag: tag)
  }

  package func isComplete(_ request: inout CommunicationRequest) throws(CommunicationError) -> Bool
  {
    try all.isComplete(&request)
  }

  /// Never called.
  package func librarySum(
    _ source: UnsafeBufferPointer<Float>?, into result: UnsafeMutableBufferPointer<Float>
  ) {
    preconditionFailure("the library sums over all ranks")
  }

  /// Never called.
  package func startLibrarySum(
    _ source: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>
  ) -> CommunicationRequest {
    preconditionFailure("the library sums over all ranks")
  }

  package func abort(code: Int32) { all.abort(code: code) }

  /// Does nothing: the whole run goes on.
  package func finalize() {}

  private func finish(_ started: CommunicationRequest) throws(CommunicationError) {
    var request = started
    while try !isComplete(&request) {}
  }
}

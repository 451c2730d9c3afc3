import Foundation

/// The only rank of a run that no MPI launcher started; it never calls MPI.
package final class SingleProcessCommunicator: Communicator {
  package let rank = 0
  package let worldSize = 1
  package let hostName = ProcessInfo.processInfo.hostName
  package let hostRank = 0
  package let hostSize = 1
  package let transportDescription = "one process, no MPI"

  /// Makes a run of one rank.
  package init() {}

  package func barrier() {}

  package func broadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int) {}

  package func gather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }

  package func allGather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }

  package func startSend(
    _ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int
  ) -> CommunicationRequest {
    preconditionFailure("a single process has no rank \(rank) to send to")
  }

  package func startReceive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int
  ) -> CommunicationRequest {
    preconditionFailure("a single process has no rank \(rank) to receive from")
  }

  package func isComplete(_ request: inout CommunicationRequest) -> Bool { true }

  package func librarySum(
    _ source: UnsafeBufferPointer<Float>?, into result: UnsafeMutableBufferPointer<Float>
  ) {
    if let source { _ = result.update(from: source) }
  }

  package func startLibrarySum(
    _ source: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>
  ) -> CommunicationRequest {
    librarySum(source, into: result)
    return CommunicationRequest()
  }

  package func abort(code: Int32) {
    exit(code)
  }

  package func finalize() {}
}

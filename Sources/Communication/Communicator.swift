/// The ranks of a run and the ways they exchange bytes.
///
/// All ranks call the collective operations in the same order, and these throw a library error where
/// the transport fails or an aborted error where another rank ended the run. A communicator belongs to the thread
/// that made it (the main thread, for MPI) and is therefore not `Sendable`.
package protocol Communicator: AnyObject {
  /// This rank's number, in `0..<worldSize`.
  var rank: Int { get }
  /// The number of ranks.
  var worldSize: Int { get }
  /// The name of the machine this rank runs on.
  var hostName: String { get }
  /// This rank's number among the ranks of its host.
  var hostRank: Int { get }
  /// The number of ranks on this host.
  var hostSize: Int { get }
  /// One line for the log: the library, and how messages make progress.
  var transportDescription: String { get }

  /// Returns once every rank has called it.
  func barrier() throws(CommunicationError)

  /// Overwrites the bytes of all ranks with those of the root; all ranks pass the same size.
  func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, root: Int
  ) throws(CommunicationError)

  /// Collects byte strings of any lengths on rank 0.
  ///
  /// - Returns: One byte string for each rank on rank 0, an empty array elsewhere.
  func gather(_ bytes: [UInt8]) throws(CommunicationError) -> [[UInt8]]

  /// Collects small byte strings of any lengths on every rank.
  ///
  /// - Returns: One byte string for each rank.
  func allGather(_ bytes: [UInt8]) throws(CommunicationError) -> [[UInt8]]

  /// Starts to send bytes, which must stay as they are until the request is complete.
  func startSend(
    _ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int
  ) throws(CommunicationError) -> CommunicationRequest

  /// Starts to receive bytes into a buffer that nobody touches until the request is complete.
  ///
  /// - Precondition: The message of the sender has exactly this size.
  func startReceive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int
  ) throws(CommunicationError) -> CommunicationRequest

  /// Moves communication on, and says whether the request is complete.
  func isComplete(_ request: inout CommunicationRequest) throws(CommunicationError) -> Bool

  /// Sums values over all ranks in an order of the library's choice, which varies with `worldSize`.
  ///
  /// - Parameters:
  ///   - source: This rank's values; nil where `result` holds them.
  ///   - result: Receives the sum.
  /// - Throws: A library error.
  func librarySum(
    _ source: UnsafeBufferPointer<Float>?, into result: UnsafeMutableBufferPointer<Float>
  ) throws(CommunicationError)

  /// Starts `librarySum` with separate buffers that nobody touches until the request is complete.
  func startLibrarySum(
    _ source: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>
  ) throws(CommunicationError) -> CommunicationRequest

  /// Ends all ranks with this exit code and waits for none of them.
  ///
  /// It does not return, except for the in-process communicator, whose other ranks then throw.
  func abort(code: Int32)

  /// Leaves the run; the last call on the path of success, and never made after an error.
  func finalize() throws(CommunicationError)
}

/// A message on its way.
///
/// It is a handle, not an object: starting and completing one allocates no memory in Swift.
package struct CommunicationRequest {
  /// Chosen by the communicator; 0 stands for a request that is complete.
  var handle: UInt64 = 0

  /// Whether the request has been found complete.
  package var isFinished: Bool { handle == 0 }
}

extension Communicator {
  /// Whether this rank writes files and messages for all.
  package var isRoot: Bool { rank == 0 }

  /// Sends a byte string of any length from the root to all ranks.
  ///
  /// - Parameters:
  ///   - bytes: What to send; ignored on the other ranks.
  ///   - root: The sender.
  /// - Returns: The bytes of the root.
  /// - Throws: The communicator's errors.
  package func broadcast(_ bytes: [UInt8], root: Int = 0) throws(CommunicationError) -> [UInt8] {
    var count = UInt64(bytes.count)
    try withBytes(of: &count) { buffer throws(CommunicationError) in
      try broadcast(buffer, root: root)
    }
    var result = rank == root ? bytes : [UInt8](repeating: 0, count: Int(count))
    try result.withUnsafeMutableBufferPointer { buffer throws(CommunicationError) in
      try broadcast(UnsafeMutableRawBufferPointer(buffer), root: root)
    }
    return result
  }

  /// Sums small vectors over all ranks in the order of one balanced tree over the ranks.
  ///
  /// The bits are the same on every rank, but depend on `worldSize`.
  ///
  /// - Precondition: All ranks pass the same number of values.
  package func sumOverRanks(_ values: [Double]) throws(CommunicationError) -> [Double] {
    treeSum(try allGather(values))
  }

  /// Collects one vector of numbers from each rank on every rank, in rank order.
  package func allGather(_ values: [Double]) throws(CommunicationError) -> [[Double]] {
    try allGather(values.withUnsafeBytes { [UInt8]($0) }).map { bytes in
      bytes.withUnsafeBytes { buffer in
        (0..<buffer.count / 8).map { buffer.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
      }
    }
  }
}

/// Passes the memory of a trivial value.
func withBytes<Value: BitwiseCopyable>(
  of value: inout Value,
  _ body: (UnsafeMutableRawBufferPointer) throws(CommunicationError) -> Void
) throws(CommunicationError) {
  try withUnsafeMutableBytes(of: &value) { buffer throws(CommunicationError) in try body(buffer) }
}

import CMPI
import Foundation

/// The ranks that an MPI launcher started.
package final class MPICommunicator: Communicator {
  package let rank: Int
  package let worldSize: Int
  package let hostName: String
  package let hostRank: Int
  package let hostSize: Int
  package let transportDescription: String

  /// Starts MPI; collective, and once in the life of a process.
  package init() throws(CommunicationError) {
    var threadLevel: Int32 = 0
    try check(cmpi_init(&threadLevel), "MPI_Init")
    var (rank, size, hostRank, hostSize) = (Int32(0), Int32(0), Int32(0), Int32(0))
    try check(cmpi_rank(&rank), "MPI_Comm_rank")
    try check(cmpi_size(&size), "MPI_Comm_size")
    try check(cmpi_host_rank(&hostRank, &hostSize), "MPI_Comm_split_type")
    self.rank = Int(rank)
    worldSize = Int(size)
    self.hostRank = Int(hostRank)
    self.hostSize = Int(hostSize)
    hostName = ProcessInfo.processInfo.hostName
    transportDescription = try describeTransport(threadLevel: threadLevel)
  }

  package func barrier() throws(CommunicationError) {
    try check(cmpi_barrier(), "MPI_Barrier")
  }

  package func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, root: Int
  ) throws(CommunicationError) {
    try check(cmpi_broadcast(bytes.baseAddress, bytes.count, Int32(root)), "MPI_Bcast")
  }

  package func gather(_ bytes: [UInt8]) throws(CommunicationError) -> [[UInt8]] {
    let layout = try gatheredLayout(bytes.count)
    var gathered = [UInt8](repeating: 0, count: rank == 0 ? layout.byteCount : 0)
    try check(
      cmpi_gather_varying(bytes, bytes.count, &gathered, layout.counts, layout.offsets),
      "MPI_Gatherv")
    return rank == 0 ? layout.split(gathered) : []
  }

  package func allGather(_ bytes: [UInt8]) throws(CommunicationError) -> [[UInt8]] {
    let layout = try gatheredLayout(bytes.count)
    var gathered = [UInt8](repeating: 0, count: layout.byteCount)
    try check(
      cmpi_all_gather_varying(bytes, bytes.count, &gathered, layout.counts, layout.offsets),
      "MPI_Allgatherv")
    return layout.split(gathered)
  }

  package func startSend(
    _ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int
  ) throws(CommunicationError) -> CommunicationRequest {
    var request = cmpi_request(handle: 0)
    try check(
      cmpi_start_send(bytes.baseAddress, bytes.count, Int32(rank), Int32(tag), &request),
      "MPI_Isend")
    return CommunicationRequest(handle: request.handle)
  }

  package func startReceive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int
  ) throws(CommunicationError) -> CommunicationRequest {
    var request = cmpi_request(handle: 0)
    try check(
      cmpi_start_receive(bytes.baseAddress, bytes.count, Int32(rank), Int32(tag), &request),
      "MPI_Irecv")
    return CommunicationRequest(handle: request.handle)
  }

  package func isComplete(
    _ request: inout CommunicationRequest
  ) throws(CommunicationError) -> Bool {
    if request.isFinished { return true }
    var handle = cmpi_request(handle: request.handle)
    var complete = false
    try check(cmpi_test(&handle, &complete), "MPI_Test")
    request.handle = handle.handle
    return complete
  }

  package func librarySum(
    _ source: UnsafeBufferPointer<Float>?, into result: UnsafeMutableBufferPointer<Float>
  ) throws(CommunicationError) {
    try check(
      cmpi_all_reduce_sum(source?.baseAddress, result.baseAddress, result.count), "MPI_Allreduce")
  }

  package func startLibrarySum(
    _ source: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>
  ) throws(CommunicationError) -> CommunicationRequest {
    var request = cmpi_request(handle: 0)
    try check(
      cmpi_start_all_reduce_sum(source.baseAddress, result.baseAddress, result.count, &request),
      "MPI_Iallreduce")
    return CommunicationRequest(handle: request.handle)
  }

  package func abort(code: Int32) {
    cmpi_abort(code)
  }

  package func finalize() throws(CommunicationError) {
    try check(cmpi_finalize(), "MPI_Finalize")
  }

  private func gatheredLayout(_ byteCount: Int) throws(CommunicationError) -> GatheredLayout {
    var count = Int32(clamping: byteCount)
    var counts = [Int32](repeating: 0, count: worldSize)
    try check(cmpi_all_gather(&count, 4, &counts), "MPI_Allgather")
    return try GatheredLayout(counts: counts)
  }
}

/// Where the byte string of each rank lies among all of them.
private struct GatheredLayout {
  let counts: [Int32]
  var offsets: [Int32] = []
  var byteCount = 0

  init(counts: [Int32]) throws(CommunicationError) {
    self.counts = counts
    for count in counts {
      offsets.append(Int32(clamping: byteCount))
      byteCount += Int(count)
    }
    guard byteCount <= Int(Int32.max) else {
      throw CommunicationError(
        .setting, "gathering \(byteCount) bytes at once exceeds MPI's limit of 2 GiB")
    }
  }

  func split(_ bytes: [UInt8]) -> [[UInt8]] {
    zip(offsets, counts).map { Array(bytes[Int($0)..<Int($0) + Int($1)]) }
  }
}

private func check(_ status: Int32, _ function: StaticString) throws(CommunicationError) {
  guard status != 0 else { return }
  let message = text { cmpi_error_string(status, $0, $1) }
  throw CommunicationError(.library, "\(function) failed: \(message)")
}

private func describeTransport(threadLevel: Int32) throws(CommunicationError) -> String {
  var status: Int32 = 0
  let library = text { status = cmpi_library_version($0, $1) }
  try check(status, "MPI_Get_library_version")
  let singleCopy = text { status = cmpi_single_copy_mechanism($0, $1) }
  try check(status, "MPI_T_cvar_read")
  let level = ["single", "funneled", "serialized", "multiple"][Int(threadLevel)]
  let copy =
    switch singleCopy {
    case "": ""
    case "none": ", no single copy between ranks of a host (dense polling pays)"
    case "forbidden":
      ", ranks copy messages twice, since this machine keeps processes from reading each other "
        + "(dense polling pays)"
    default: ", single copy between ranks of a host by \(singleCopy)"
    }
  return "\(library), threads: \(level), progress: polling between operations\(copy)"
}

private func text(_ write: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
    buffer.initialize(repeating: 0)
    guard let address = buffer.baseAddress else { return "" }
    write(address, buffer.count)
    return String(cString: address)
  }
}

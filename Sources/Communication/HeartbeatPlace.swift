import Foundation

/// Where the ranks keep their heartbeat file, and which of them see the same one.
struct HeartbeatPlace {
  /// The file that this rank writes to and reads.
  let file: HeartbeatFile
  /// The ranks that write to it.
  let watched: Set<Int>
  /// Why it is not all ranks, in words; nil where it is.
  let limitation: String?

  /// A network file system may take this long to show a new file.
  private static let visibilitySeconds = 3.0

  /// Lets rank 0 make the file in a directory and finds out who sees it; collective.
  ///
  /// Where some rank does not, every host has a file of its own in its temporary folder.
  ///
  /// - Throws: The communicator's errors.
  init(
    _ communicator: any Communicator, directory: String, record: HeartbeatRecord
  ) throws(CommunicationError) {
    let all = Set(0..<communicator.worldSize)
    let shared = HeartbeatFile(path: directory + "/heartbeat")
    guard all.count > 1 else {
      // What a killed run of several ranks has left.
      shared.remove()
      (file, watched, limitation) = (shared, all, nil)
      return
    }
    // Unlike what a file of an earlier run may hold.
    var mark = record
    mark.beat = Int.random(in: 1..<Int.max / 2)
    if communicator.isRoot, shared.create() { _ = shared.write(mark, rank: 0) }
    let slot = try communicator.broadcast(mark.slot)
    let isSeen = shared.shows(slot, waitingSeconds: Self.visibilitySeconds)
    let answers = try communicator.allGather(
      [isSeen ? 1 : 0] + Array(communicator.hostName.utf8))
    if answers.allSatisfy({ $0.first == 1 }) {
      (file, watched, limitation) = (shared, all, nil)
      return
    }
    let neighbours = all.filter {
      answers[$0].dropFirst() == answers[communicator.rank].dropFirst()
    }
    let first = neighbours.min() ?? communicator.rank
    let identifier = String(HeartbeatRecord(slot: slot[...])?.beat ?? 0, radix: 16)
    let name = "inpaint-heartbeat-\(identifier)-\(first)"
    file = HeartbeatFile(path: FileManager.default.temporaryDirectory.path + "/" + name)
    watched = neighbours
    let blind = all.filter { answers[$0].first != 1 }.sorted()
    limitation =
      "\(ranksText(blind)) cannot see \(shared.path): each rank watches only those of its own host"
    if communicator.isRoot { shared.remove() }
    if communicator.rank == first { _ = file.create() }
    try communicator.barrier()
  }
}

extension HeartbeatFile {
  /// Whether the slot of rank 0 holds this, now or soon.
  fileprivate func shows(_ slot: [UInt8], waitingSeconds: Double) -> Bool {
    let expected = HeartbeatRecord(slot: slot[...])
    let end = monotonicSeconds() + waitingSeconds
    while true {
      if read(worldSize: 1).first == expected { return true }
      guard monotonicSeconds() < end else { return false }
      usleep(50_000)
    }
  }
}

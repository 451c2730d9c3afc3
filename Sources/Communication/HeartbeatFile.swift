import Foundation

/// One slot for each rank in a file of the run directory, which may lie on a network file system.
///
/// Slots are written whole and read through a newly opened descriptor: that is what makes network
/// file systems show what other hosts wrote, and unlike a memory map it cannot kill the process
/// when the disk is full.
struct HeartbeatFile {
  let path: String

  /// Makes an empty file in the place of what an earlier run may have left, and says whether that
  /// worked.
  func create() -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return false }
    return close(descriptor) == 0
  }

  /// Removes the file, if it is there.
  func remove() { unlink(path) }

  /// Writes the slot of a rank, and says whether that worked.
  func write(_ record: HeartbeatRecord, rank: Int) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let slot = record.slot
    return pwrite(descriptor, slot, slot.count, off_t(rank * slot.count)) == slot.count
  }

  /// Reads the slots of all ranks; nil for one that is empty or half written.
  func read(worldSize: Int) -> [HeartbeatRecord?] {
    var bytes = [UInt8](repeating: 0, count: worldSize * HeartbeatRecord.slotBytes)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return Array(repeating: nil, count: worldSize) }
    defer { close(descriptor) }
    _ = pread(descriptor, &bytes, bytes.count, 0)
    return (0..<worldSize).map { rank in
      let start = rank * HeartbeatRecord.slotBytes
      return HeartbeatRecord(slot: bytes[start..<start + HeartbeatRecord.slotBytes])
    }
  }
}

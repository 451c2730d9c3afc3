import Communication
import Foundation

/// What a rank of a run that trains says of itself, in the run folder's heartbeat file.
package struct RankStatus: Sendable, CustomStringConvertible {
  /// Its number.
  package let rank: Int
  /// The last that it said.
  let record: HeartbeatRecord
  /// Whether it has said something new while it was watched.
  package let isAlive: Bool

  /// For people.
  package var description: String {
    "rank \(rank) on \(record.hostName), process \(record.processIdentifier): "
      + (isAlive ? "step \(record.step), \(record.phase)" : "silent since step \(record.step)")
  }

  /// Watches the ranks of a run for a moment: longer than a rank takes to say something new.
  ///
  /// - Returns: What each says; nothing where there is no heartbeat file, as with one rank alone.
  package static func watch(_ directory: RunDirectory, seconds: Double = 2.5) -> [RankStatus] {
    let path = "\(directory.path)/heartbeat"
    let before = slots(of: path)
    guard before.contains(where: { $0 != nil }) else { return [] }
    Thread.sleep(forTimeInterval: seconds)
    let after = slots(of: path)
    return after.enumerated().compactMap { rank, record in
      guard let record, record.activity != .finished else { return nil }
      let known = rank < before.count ? before[rank] : nil
      return RankStatus(rank: rank, record: record, isAlive: known?.beat != record.beat)
    }
  }

  private static func slots(of path: String) -> [HeartbeatRecord?] {
    let bytes = FileManager.default.contents(atPath: path).map { Array($0) } ?? []
    return stride(from: 0, to: bytes.count, by: HeartbeatRecord.slotBytes).map { first in
      HeartbeatRecord(slot: bytes[first..<min(first + HeartbeatRecord.slotBytes, bytes.count)])
    }
  }
}

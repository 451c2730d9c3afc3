import Checkpoints
import Configuration
package import Foundation
package import Reports
import Running

/// How far a run is, as its folder tells: nothing is sent to its ranks.
package struct RunStatus: Sendable {
  /// Whether it trains, was stopped, or is done.
  package let state: RunReport.State
  /// Updates that are done, and all of them.
  package let step, steps: Int
  /// The last measured speed.
  package let imagesPerSecond: Double?
  /// What is left at that speed.
  package let secondsLeft: Double?
  /// When the last step was written.
  package let changed: Date?
  /// The last scores on held-out pictures, and their step.
  package let scores: (step: Int, values: [(name: String, value: Double)])?
  /// The newest checkpoint's folder name.
  package let checkpoint: String?

  /// Reads a run's folder.
  ///
  /// - Throws: `RunError` where it is none, `ConfigurationError` where its configuration cannot be read.
  package init(_ directory: RunDirectory) throws {
    let training = try directory.readConfiguration().training
    let log = FileManager.default.contents(atPath: directory.metrics).map { Array($0) } ?? []
    var (last, scored): (FlatRecord?, FlatRecord?)
    let prefix = "validation_"
    FlatRecord.forEach(in: log) { record in
      guard record["step"] != nil else { return }
      last = record
      if record.members.contains(where: { $0.name.hasPrefix(prefix) }) { scored = record }
    }
    func number(_ record: FlatRecord?, _ name: String) -> Double? {
      record?[name].flatMap { $0.isFinite ? $0 : nil }
    }
    step = number(last, "step").map { Int($0) } ?? 0
    steps = training.steps
    imagesPerSecond = number(last, "images_per_second")
    let left = Double(max(0, steps - step) * training.updateBatch)
    secondsLeft = imagesPerSecond.flatMap { $0 > 0 ? left / $0 : nil }
    changed = Self.changed(directory)
    scores = scored.map { record in
      (
        Int(record["step"] ?? 0),
        record.members.compactMap { name, values in
          guard name.hasPrefix(prefix), values.count == 1 else { return nil }
          return (String(name.dropFirst(prefix.count)), values[0])
        }
      )
    }
    let checkpoints = (try? CheckpointDirectory.all(in: directory.checkpoints)) ?? []
    checkpoint = checkpoints.first { $0.step != nil }
      .map { ($0.path as NSString).lastPathComponent }
    state = Self.state(of: directory, step: step, steps: steps)
  }

  /// Whether a run trains: its lock tells; where a file system has none, the time of its last step.
  package static func state(of directory: RunDirectory, step: Int, steps: Int) -> RunReport.State {
    guard step < steps, !hasEndedEarly(directory) else { return .done }
    let isRecent = changed(directory).map { Date().timeIntervalSince($0) < 300 } ?? false
    return RunLock.isHeld(directory) ?? isRecent ? .running : .stopped
  }

  /// The member of the last line of `metrics.jsonl` of a run that `validation.patience` has ended.
  static let earlyEnd = "ended_early"

  private static func hasEndedEarly(_ directory: RunDirectory) -> Bool {
    guard let file = FileHandle(forReadingAtPath: directory.metrics) else { return false }
    defer { try? file.close() }
    let length = (try? file.seekToEnd()) ?? 0
    try? file.seek(toOffset: length - min(length, 8192))
    let tail = (try? file.readToEnd()).flatMap { $0 } ?? Data()
    let last = String(decoding: tail, as: UTF8.self).split(separator: "\n").last ?? ""
    return last.contains("\"\(earlyEnd)\"")
  }

  private static func changed(_ directory: RunDirectory) -> Date? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: directory.metrics)
    return attributes?[.modificationDate] as? Date
  }
}

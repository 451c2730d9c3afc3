import Foundation
package import Running

/// A file of one JSON object a line, such as `metrics.jsonl` with one line a step.
package final class MetricsLog {
  private let path: String
  private let file: FileHandle
  /// The end of the last whole line.
  private var end: UInt64
  /// Lines that could not be written yet, on a full disk for instance.
  private var pending = Data()
  private var failures = 0

  /// Opens the file and gives up what lies beyond a step: lines of later steps, and half a line that
  /// an interrupted run has left.
  ///
  /// - Throws: `RunError` naming the file that cannot be read or written.
  package init(path: String, afterStep step: Int) throws {
    self.path = path
    let url = URL(fileURLWithPath: path)
    do {
      if FileManager.default.fileExists(atPath: path) {
        let contents = try Data(contentsOf: url)
        let kept = Self.lines(of: contents, upTo: step)
        if kept.count != contents.count { try kept.write(to: url, options: .atomic) }
      } else {
        try Data().write(to: url, options: .atomic)
      }
      file = try FileHandle(forWritingTo: url)
      end = try file.seekToEnd()
    } catch {
      throw RunError(
        .usage,
        "\(path): the metrics cannot be written (\(systemReason(error))); make the file "
          + "readable and writable, or choose another folder with --run")
    }
  }

  deinit { try? file.close() }

  /// Appends a line in one write, so that a crash leaves whole lines but for the last.
  ///
  /// A line that cannot be written is kept and tried again with the next one.
  ///
  /// - Throws: `RunError` naming the file and the reason, where 1, 2, 4, 8 ... lines are waiting.
  package func append(_ record: JSONRecord) throws(RunError) {
    pending += Data((record.text + "\n").utf8)
    do {
      try file.write(contentsOf: pending)
      end += UInt64(pending.count)
      (pending, failures) = (Data(), 0)
    } catch {
      // Half a line must not stay in front of the next one.
      try? file.truncate(atOffset: end)
      failures += 1
      // Powers of two: a full disk is told, but not at every step.
      guard failures.nonzeroBitCount == 1 else { return }
      throw RunError(
        .failure,
        "\(path): \(failures) lines wait to be written (\(systemReason(error))); make room, they are "
          + "tried again at every step")
    }
  }

  /// Puts the lines on the disk, where a power cut cannot reach them: before a checkpoint of their steps.
  package func synchronize() { try? file.synchronize() }

  private static func lines(of contents: Data, upTo step: Int) -> Data {
    var kept = Data()
    for line in contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
      guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
        let lineStep = object["step"] as? Int, lineStep <= step
      else { continue }
      kept.append(line)
      kept.append(UInt8(ascii: "\n"))
    }
    return kept
  }
}

package import Communication
import Foundation
import Running
import Tracing

/// A trace of all ranks on its way into one file.
package struct TraceFile {
  private let path: String
  private let communicator: any Communicator
  private let start: ClockSample

  /// How this rank's clock compares with that of rank 0 at some time.
  private struct ClockSample {
    let time: Double
    let secondsToRoot: Double

    init(_ communicator: any Communicator) throws {
      secondsToRoot = try communicator.secondsToRootClock()
      time = Trace.now()
    }
  }

  /// Runs a command's work while a trace is taken; collective.
  ///
  /// The file appears once the work has ended well, all at once.
  ///
  /// - Parameters:
  ///   - path: The file; nil takes no trace.
  ///   - communicator: The ranks.
  ///   - body: The work.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws, and on every rank why the file cannot be written: where its folder
  ///   is not there, before the work.
  package static func record<Result>(
    to path: String?, _ communicator: any Communicator, _ body: () throws -> Result
  ) throws -> Result {
    guard let path else { return try body() }
    let file = try TraceFile(path: path, communicator)
    let result = try body()
    try file.write()
    return result
  }

  private init(path: String, _ communicator: any Communicator) throws {
    self.path = path
    self.communicator = communicator
    _ = try communicator.fromRoot {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      guard FileManager.default.isWritableFile(atPath: folder) else {
        throw RunError(
          .usage, "\(path): the trace cannot be written: \(folder) is no folder to write to")
      }
      return []
    }
    start = try ClockSample(communicator)
    Trace.start()
  }

  private func write() throws {
    let recording = Trace.stop()
    let end = try ClockSample(communicator)
    let origin = try communicator.allGather([start.time])[0][0]
    let drift =
      (end.secondsToRoot - start.secondsToRoot) / max(end.time - start.time, .leastNormalMagnitude)
    let events = ChromeTrace.events(
      of: recording, rank: communicator.rank, hostName: communicator.hostName
    ) { time in
      // Clocks run at slightly different speeds: the difference is interpolated.
      time + start.secondsToRoot + drift * (time - start.time) - origin
    }
    let dropped = try communicator.sumOverRanks([Double(recording.dropped)])[0]
    let ranks = try communicator.gather(Array(events.utf8))
    _ = try communicator.fromRoot {
      let text = ChromeTrace.file(
        ranks: ranks.map { String(decoding: $0, as: UTF8.self) }, dropped: Int(dropped))
      do {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
      } catch {
        throw RunError(
          .usage, "\(path): the trace cannot be written (\(systemReason(error)))")
      }
      return []
    }
  }
}

extension TrainedNetwork {
  /// Records when each bucket of the step left and when its sum was complete.
  func traceReduction() {
    guard Trace.isActive else { return }
    for timing in gradients.timings {
      guard let posted = timing.postedSeconds, let done = timing.doneSeconds else { continue }
      Trace.add(
        TraceEvent(
          name: "sum of \(name) bucket \(timing.bucket)", lane: .communication, start: posted,
          end: done, overlaps: true))
    }
  }
}

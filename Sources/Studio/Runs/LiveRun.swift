import Configuration
import Foundation
import Images
import Reports
import Running
import Training

/// A run's report that is kept up to date by reading only what was added.
final class LiveRun {
  private let directory: RunDirectory
  private var report: RunReport
  private let configuration: Date?
  private var metrics = GrowingFile()
  private var rankTimes = GrowingFile()
  private var samples: Set<Int> = []

  /// Starts with a run's configuration.
  ///
  /// - Throws: `RunError` or `ConfigurationError` where it cannot be read.
  init(_ directory: RunDirectory) throws {
    self.directory = directory
    configuration = changeDate(of: directory.configuration)
    report = RunReport(of: try directory.readConfiguration())
  }

  /// Reads what is new.
  ///
  /// - Returns: The report's facts as JSON.
  /// - Throws: `RunError` where the run is gone; start anew where it has begun from its beginning.
  func facts() throws -> [UInt8] {
    guard changeDate(of: directory.configuration) == configuration,
      let lines = metrics.newLines(of: directory.metrics),
      let times = rankTimes.newLines(of: directory.rankTimes)
    else { throw Changed() }
    FlatRecord.forEach(in: lines) { report.add(metrics: $0) }
    FlatRecord.forEach(in: times) { report.add(rankTimes: $0) }
    for step in SampleStrip.selection(of: directory.sampleSteps) where samples.insert(step).inserted
    {
      // A sheet that cannot be read is left out, as in the report.
      guard let sheet = try? Image(contentsOf: directory.samples(step: step)) else { continue }
      try? report.add(sampleSheet: sheet, step: step)
    }
    report.listCheckpoints(of: directory)
    report.state = RunStatus.state(of: directory, step: report.step, steps: report.totalSteps)
    return Array(report.facts(writtenSeconds: Date().timeIntervalSince1970).utf8)
  }

  /// The run was begun anew.
  struct Changed: Error {}
}

/// The lines of a file that grows.
private struct GrowingFile {
  private var bytesRead = 0
  /// The number of the file: a run that goes back writes its metrics anew.
  private var number: ino_t?

  /// The whole lines that were added; nil where it is another file than before, or a shorter one.
  mutating func newLines(of path: String) -> [UInt8]? {
    guard let file = FileHandle(forReadingAtPath: path) else { return bytesRead == 0 ? [] : nil }
    defer { try? file.close() }
    var status = stat()
    guard fstat(file.fileDescriptor, &status) == 0, number ?? status.st_ino == status.st_ino else {
      return nil
    }
    number = status.st_ino
    guard let size = try? file.seekToEnd(), Int(size) >= bytesRead,
      (try? file.seek(toOffset: UInt64(bytesRead))) != nil,
      let data = try? file.readToEnd() ?? Data()
    else { return nil }
    guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    let lines = data[data.startIndex...end]
    bytesRead += lines.count
    return Array(lines)
  }
}

/// When a file was changed; nil where there is none.
func changeDate(of path: String) -> Date? {
  (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
}

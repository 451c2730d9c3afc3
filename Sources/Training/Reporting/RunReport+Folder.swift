import Checkpoints
package import Configuration
import Files
import Foundation
import Images
import Models
package import Reports
import Running

extension RunReport {
  /// Starts with what a configuration tells.
  package init(of configuration: RunConfiguration) {
    self.init(
      experiment: configuration.experiment, totalSteps: configuration.training.steps,
      configuration: configuration.effectiveYAML())
    let (training, model) = (configuration.training, configuration.model)
    facts = [
      ("seed", "\(configuration.seed)"), ("batch", "\(training.updateBatch)"),
      ("replicas", "\(training.partCount)"), ("side", "\(configuration.data.side) px"),
      ("blocks", "\(model.blocks) \(model.block.rawValue)"), ("width", "\(model.width)"),
      ("inpaint", codeVersion),
    ]
  }

  /// Reads what a run has written to its folder.
  ///
  /// - Parameters:
  ///   - directory: The run folder.
  ///   - configuration: The run's effective configuration.
  ///   - warn: Receives what cannot be read and is left out.
  package init(
    reading directory: RunDirectory, configuration: RunConfiguration, warn: (String) -> Void
  ) {
    self.init(of: configuration)
    addNumbers(of: directory)
    for step in SampleStrip.selection(of: directory.sampleSteps) {
      do {
        try add(sampleSheet: Image(contentsOf: directory.samples(step: step)), step: step)
      } catch {
        warn("\(error)")
      }
    }
    listCheckpoints(of: directory)
  }

  /// Reads losses, scores and times.
  mutating func addNumbers(of directory: RunDirectory) {
    FlatRecord.forEach(in: lines(of: directory.metrics)) { add(metrics: $0) }
    FlatRecord.forEach(in: lines(of: directory.rankTimes)) { add(rankTimes: $0) }
  }

  /// Looks which checkpoints there are now.
  package mutating func listCheckpoints(of directory: RunDirectory) {
    // A checkpoint may be removed meanwhile: what is gone is left out.
    let folders = (try? CheckpointDirectory.all(in: directory.checkpoints)) ?? []
    let files = FileManager.default
    checkpoints = folders.compactMap { folder in
      guard let step = folder.step,
        let names = try? Files.names(inFolder: folder.path),
        let state = try? files.attributesOfItem(atPath: "\(folder.path)/state.json"),
        let saved = state[.modificationDate] as? Date
      else { return nil }
      let sizes = names.map { name in
        (try? files.attributesOfItem(atPath: "\(folder.path)/\(name)"))?[.size] as? Int ?? 0
      }
      return Checkpoint(
        step: step, bytes: sizes.reduce(0, +), savedSeconds: saved.timeIntervalSince1970)
    }
  }

  /// Writes the page; readers see the old one or the new one, never half of one.
  ///
  /// - Throws: `RunError` naming the file that cannot be written.
  package func write(to path: String) throws {
    do {
      try Data(page(writtenSeconds: Date().timeIntervalSince1970))
        .write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw RunError(.badData, "\(path): the report cannot be written (\(systemReason(error)))")
    }
  }

  private func lines(of path: String) -> [UInt8] {
    FileManager.default.contents(atPath: path).map { Array($0) } ?? []
  }
}

/// Runs `inpaint report`: makes the report of a run folder anew.
///
/// - Parameters:
///   - path: The run folder.
///   - output: The page to write; nil for `report.html` in the run folder.
///   - warn: Receives what cannot be read and is left out.
/// - Returns: A line for people.
/// - Throws: `RunError` where it is no run folder, or where the page cannot be written.
package func writeReport(
  of path: String, to output: String?, warn: (String) -> Void
) throws -> String {
  let directory = RunDirectory(path)
  var report = RunReport(
    reading: directory, configuration: try directory.readConfiguration(), warn: warn)
  report.state = RunStatus.state(of: directory, step: report.step, steps: report.totalSteps)
  let target = output ?? directory.report
  try report.write(to: target)
  return "\(target): \(report.step) of \(report.totalSteps) steps"
}

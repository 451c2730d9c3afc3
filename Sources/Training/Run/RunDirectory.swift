import Checksums
package import Configuration
import Files
import Foundation
import Running

/// The folder that a run writes to.
package struct RunDirectory: Sendable {
  /// The folder's path.
  package let path: String

  /// Names a folder.
  package init(_ path: String) { self.path = path }

  /// The effective configuration.
  package var configuration: String { "\(path)/config.yaml" }
  /// One JSON object a step.
  package var metrics: String { "\(path)/metrics.jsonl" }
  /// Where each rank's time went, some steps a line.
  package var rankTimes: String { "\(path)/ranks.jsonl" }
  /// The report, one page.
  package var report: String { "\(path)/report.html" }
  /// TensorBoard's event files.
  package var events: String { "\(path)/tensorboard" }
  /// The checkpoints.
  package var checkpoints: String { "\(path)/checkpoints" }

  /// Reads the effective configuration.
  ///
  /// - Throws: `RunError` where the folder is no run's, `ConfigurationError` where it cannot be read.
  package func readConfiguration() throws -> RunConfiguration {
    guard let contents = FileManager.default.contents(atPath: configuration) else {
      throw RunError(.badData, "\(configuration): not there; give the folder of a run")
    }
    return try RunConfiguration.parse(
      yaml: String(decoding: contents, as: UTF8.self), origin: configuration)
  }

  /// The folder within another one for checkpoints that this one does not take; its name belongs to this
  /// run folder alone.
  package func rescue(in folder: String) -> String {
    let whole = URL(fileURLWithPath: path).standardizedFileURL.path
    let name = (whole as NSString).lastPathComponent
    return "\(folder)/\(name)-\(String(xxHash64(Array(whole.utf8)), radix: 16))"
  }

  /// The sample sheet of a step.
  package func samples(step: Int) -> String {
    let digits = String(step)
    let padding = String(repeating: "0", count: max(0, 8 - digits.count))
    return "\(path)/samples/step-\(padding)\(digits).png"
  }

  /// The steps of all sample sheets.
  package var sampleSteps: [Int] {
    let names = (try? Files.names(inFolder: "\(path)/samples")) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5).prefix { $0 != "." }),
        samples(step: step).hasSuffix("/\(name)")
      else { return nil }
      return step
    }.sorted()
  }

  /// Creates the folder; what is there already stays.
  ///
  /// - Throws: `RunError` naming the folder that cannot be made.
  package func create() throws {
    try attempt {
      try FileManager.default.createDirectory(
        atPath: "\(path)/samples", withIntermediateDirectories: true)
    }
  }

  /// Writes the effective configuration.
  ///
  /// - Throws: `RunError` naming the folder that cannot be written.
  package func write(configuration text: String) throws {
    try attempt {
      try Data(text.utf8).write(to: URL(fileURLWithPath: configuration), options: .atomic)
    }
  }

  private func attempt(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch {
      throw RunError(
        .usage,
        "\(path): the run folder cannot be written (\(systemReason(error))); "
          + "choose another with --run, or free it")
    }
  }
}

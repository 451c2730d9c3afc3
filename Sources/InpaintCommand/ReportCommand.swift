import ArgumentParser
import Foundation
import Training

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Makes a run's report.html anew: one page that opens without other files.")

  @Argument(help: "The run folder.")
  var directory: String

  @Option(help: "The page to write (default: report.html in the run folder).")
  var output: String?

  func run() throws {
    print(
      try writeReport(of: directory, to: output) { warning in
        try? FileHandle.standardError.write(contentsOf: Data("warning: \(warning)\n".utf8))
      })
  }
}

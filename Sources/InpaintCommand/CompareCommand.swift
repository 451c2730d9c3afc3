import ArgumentParser
import Foundation
import Running
import Training

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Puts several runs on one page: settings that differ, curves, scores, pictures.")

  @Argument(help: "The run folders, at least two.")
  var runs: [String]

  @Option(help: "The page to write.")
  var output = "compare.html"

  @OptionGroup var existing: OverwriteOption

  func validate() throws {
    guard runs.count > 1 else { throw ValidationError("Name at least two runs.") }
  }

  func run() throws {
    try refuseToReplace([output], unless: existing.overwrite)
    print(
      try compareRuns(runs, to: output) { warning in
        try? FileHandle.standardError.write(contentsOf: Data("warning: \(warning)\n".utf8))
      })
  }
}

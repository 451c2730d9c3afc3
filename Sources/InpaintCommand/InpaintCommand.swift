import ArgumentParser
import Foundation
import Running
import Training

/// The command `inpaint`.
@main
struct InpaintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inpaint",
    abstract: "Trains networks that fill in missing parts of face photographs.",
    version: codeVersion,
    subcommands: [
      TrainCommand.self, PlanCommand.self, FillCommand.self, SampleCommand.self,
      EvaluateCommand.self,
      SynthesizeCommand.self,
      PackCommand.self,
      CheckpointCommand.self, BenchmarkCommand.self, ExportCommand.self, ReportCommand.self,
      CompareCommand.self, ModelCardCommand.self,
      MasksCommand.self, ConfigCommand.self, StatusCommand.self, DoctorCommand.self,
      StudioCommand.self,
    ])

  static func main() {
    do {
      if let place = CommandLine.arguments.dropFirst().firstIndex(of: "") {
        throw RunError(
          .usage,
          "an argument is empty, behind \(CommandLine.arguments[place - 1]): perhaps a variable of a "
            + "script that is not set")
      }
      var command = try parseAsRoot()
      try command.run()
    } catch {
      // Help and wrong command lines are the parser's; its exit code for the latter is 64 as well.
      guard exitCode(for: error) == .failure else { exit(withError: error) }
      let error = RunError(error)
      try? FileHandle.standardError.write(contentsOf: Data("inpaint: \(error.message)\n".utf8))
      Foundation.exit(error.status.rawValue)
    }
  }
}

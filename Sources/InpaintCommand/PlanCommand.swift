import ArgumentParser
import Running
import Training

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Tells what a training would be: data, networks, memory, time, and what looks wrong.",
    discussion: """
      Takes a few steps on the real pictures to measure them, and writes nothing but the sheet. \
      inpaint train --dry-run does the same, also under mpirun.
      """)

  @Argument(
    help: "The configuration: a YAML file, or the name of a preset (inpaint config --presets).")
  var config: String?

  @Option(help: "The name of a preset, in place of a file.")
  var preset: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: "Replaces one setting: key.path=value; may be repeated.")
  var overrides: [String] = []

  @Option(name: .customLong("run"), help: "The run folder (default: runs/<experiment>).")
  var runDirectory: String?

  @Option(help: "A picture to write: the first training pictures, with their holes.")
  var sheet: String?

  @Flag(help: "Lists every parameter with its shape.")
  var parameters = false

  func validate() throws {
    try requirePreset(preset, besides: config)
  }

  func run() throws {
    var request = TrainingRequest(configuration: config ?? preset ?? "")
    request.overrides = overrides
    request.runDirectory = runDirectory
    withCommunicator {
      try plan(request, sheet: sheet, listsParameters: parameters, communicator: $0)
    }
  }
}

import ArgumentParser
import Running
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a generator and a discriminator; run it under mpirun for several ranks.",
    discussion: """
      Writes config.yaml, metrics.jsonl, samples/ and checkpoints/ to the run folder. Run the same \
      command again to go on after a stop.
      """)

  @Argument(
    help: "The configuration: a YAML file, or the name of a preset (inpaint config --presets).")
  var config: String?

  @Option(help: "The name of a preset, in place of a file.")
  var preset: String?

  @Option(name: .customLong("run"), help: "The run folder (default: runs/<experiment>).")
  var runDirectory: String?

  @Option(help: "auto (newest usable checkpoint), never, or a checkpoint folder.")
  var resume = "auto"

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: "Replaces one setting: key.path=value; may be repeated.")
  var overrides: [String] = []

  @Flag(help: "Goes on from a checkpoint although threads or processor round differently.")
  var acceptOtherBits = false

  @Option(help: "Stops, with a checkpoint, after this many steps in all.")
  var stopAfter: Int?

  @Option(
    help: """
      Stops, with a checkpoint, after so long (2h30m, 90m) or at a date ("2026-11-27 08:00").
      """)
  var maxTime: String?

  @Option(
    help: """
      Where the last checkpoint goes if the run folder does not take it; the same command goes on from \
      there.
      """)
  var rescue: String?

  @Flag(help: "Tells what the training would be, as inpaint plan does, and ends.")
  var dryRun = false

  @Flag(help: "Prints the run folder and ends; for scripts.")
  var printRunFolder = false

  @Option(help: "Writes what all ranks did when to this file, which Perfetto and Chrome open.")
  var trace: String?

  func validate() throws {
    try requirePreset(preset, besides: config)
    guard rescue != "" else { throw ValidationError("--rescue names a folder.") }
    guard runDirectory != "" else { throw ValidationError("--run names a folder.") }
    guard (stopAfter ?? 1) > 0 else { throw ValidationError("--stop-after is at least 1.") }
  }

  func run() throws {
    var request = TrainingRequest(configuration: config ?? preset ?? "")
    request.runDirectory = runDirectory
    request.overrides = overrides
    request.stopAfter = stopAfter
    request.timeLimit = try maxTime.map { try TimeLimit($0) }
    request.rescue = rescue
    request.trace = trace
    request.acceptsOtherBits = acceptOtherBits
    if printRunFolder { return print(try runFolder(of: request)) }
    request.resume =
      switch resume {
      case "auto": .automatic
      case "never": .never
      default: .checkpoint(resume)
      }
    if dryRun {
      withCommunicator {
        try plan(request, sheet: nil, listsParameters: false, communicator: $0)
      }
    }
    withCommunicator { try train(request, communicator: $0) }
  }
}

import ArgumentParser
import Training

struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Looks at checkpoints.",
    subcommands: [Verify.self, Inspect.self, Hash.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Checks every file against its checksum.")
    @OptionGroup var checkpoint: CheckpointArgument

    func run() throws { print(try verifyCheckpoint(checkpoint.directory)) }
  }

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists counters and tensors.")
    @OptionGroup var checkpoint: CheckpointArgument
    @Flag(help: "Prints one JSON object.") var json = false

    func run() throws { print(try inspectCheckpoint(checkpoint.directory, asJSON: json)) }
  }

  struct Hash: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints one hash over names, shapes and bits of all parameters and moments.")
    @OptionGroup var checkpoint: CheckpointArgument

    func run() throws { print(try hashCheckpoint(checkpoint.directory)) }
  }
}

struct CheckpointArgument: ParsableArguments {
  @Argument(help: "A checkpoint folder, or a run folder for its newest checkpoint.")
  var directory: String
}

import ArgumentParser
import Running
import Training

struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Looks at checkpoints, and takes generators out of them.",
    subcommands: [Verify.self, Inspect.self, Hash.self, Slim.self, Average.self])

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

extension CheckpointCommand {
  struct Slim: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes a checkpoint's generator alone: what fill and sample need.")
    @OptionGroup var checkpoint: CheckpointArgument
    @OptionGroup var options: GeneratorFileOptions

    func run() throws {
      try refuseToReplace([options.output], unless: options.existing.overwrite)
      print(
        try writeSlimGenerator(
          of: checkpoint.directory, asTrained: options.asTrained, to: options.output))
    }
  }

  struct Average: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the mean of several checkpoints' generators.")
    @Argument(help: "Checkpoint folders, or run folders for their newest checkpoints.")
    var directories: [String]
    @OptionGroup var options: GeneratorFileOptions

    func validate() throws {
      guard directories.count > 1 else {
        throw ValidationError("Name at least two checkpoints.")
      }
    }

    func run() throws {
      try refuseToReplace([options.output], unless: options.existing.overwrite)
      print(
        try writeAveragedGenerator(
          of: directories, asTrained: options.asTrained, to: options.output))
    }
  }
}

struct GeneratorFileOptions: ParsableArguments {
  @Option(help: "The file to write, as safetensors.")
  var output: String

  @Flag(help: "Takes the weights as they were trained, also where there is a running average.")
  var asTrained = false

  @OptionGroup var existing: OverwriteOption
}

struct CheckpointArgument: ParsableArguments {
  @Argument(help: "A checkpoint folder, or a run folder for its newest checkpoint.")
  var directory: String
}

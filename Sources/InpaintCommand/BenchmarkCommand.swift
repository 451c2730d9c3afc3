import ArgumentParser
import Benchmarks
import Running

struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measures speed.",
    subcommands: [Step.self, Reduce.self, Data.self, Scaling.self, Checkpoint.self])

  struct Step: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Training steps on made-up pictures: images a second, and where the time goes.")

    @Option(help: "A configuration (default: the 256-px DMFN, batch 2, random VGG weights).")
    var config: String?

    @Option(
      name: .customLong("set"), parsing: .singleValue,
      help: "Replaces one setting: key.path=value; may be repeated.")
    var overrides: [String] = []

    @Option(help: "Steps to measure.")
    var steps = 5

    @Option(help: "Writes what all ranks did when to this file, which Perfetto and Chrome open.")
    var trace: String?

    @Flag(help: "Prints one JSON object.")
    var json = false

    func validate() throws {
      guard steps > 0 else { throw ValidationError("--steps is at least 1.") }
    }

    func run() throws {
      withCommunicator {
        try benchmarkStep(
          config: config, overrides: overrides, steps: steps, trace: trace, asJSON: json,
          communicator: $0)
      }
    }
  }

  struct Reduce: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The canonical sum beside MPI's own, for several sizes; run it under mpirun.")

    @Flag(help: "Prints one JSON object a line.")
    var json = false

    func run() throws {
      withCommunicator { try benchmarkReduction(asJSON: json, communicator: $0) }
    }
  }

  struct Scaling: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What more ranks and threads gain, and a projection onto many nodes.",
      discussion: "Start it under mpirun, on an idle machine: mpirun -n 2 --bind-to none.")

    @Option(
      help: "A configuration (default: the 256-px DMFN, two images a rank, random VGG weights).")
    var config: String?

    @Option(
      name: .customLong("set"), parsing: .singleValue,
      help: "Replaces one setting: key.path=value; may be repeated.")
    var overrides: [String] = []

    @Option(help: "Rounds to measure.")
    var rounds = 5

    @Flag(help: "Measures 2, 4, ... of the ranks as well, each with the same share of the batch.")
    var ranks = false

    @Flag(help: "Prints one JSON object, with --ranks one a line.")
    var json = false

    func validate() throws {
      guard rounds > 0 else { throw ValidationError("--rounds is at least 1.") }
    }

    func run() throws {
      withCommunicator {
        try benchmarkScaling(
          config: config, overrides: overrides, rounds: rounds, everyCount: ranks, asJSON: json,
          communicator: $0)
      }
    }
  }

  struct Data: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reading, decoding, resizing and masking, and what that costs a training step.")

    @Option(help: "A configuration (default: the 256-px DMFN, batch 2, random VGG weights).")
    var config: String?

    @Option(
      name: .customLong("set"), parsing: .singleValue,
      help: "Replaces one setting: key.path=value; may be repeated.")
    var overrides: [String] = []

    @Option(help: "Images to prepare on one thread.")
    var images = 500

    @Option(help: "Steps of each of three turns with and without the loader; 0 leaves them out.")
    var steps = 5

    @Flag(help: "Prints one JSON object.")
    var json = false

    func validate() throws {
      guard images > 0 else { throw ValidationError("--images is at least 1.") }
      guard steps >= 0 else { throw ValidationError("--steps is not negative.") }
    }

    func run() throws {
      withCommunicator {
        try benchmarkData(
          config: config, overrides: overrides, images: images, steps: steps, asJSON: json,
          communicator: $0)
      }
    }
  }
}

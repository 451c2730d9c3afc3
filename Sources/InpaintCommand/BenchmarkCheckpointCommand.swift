import ArgumentParser
import Benchmarks
import Running

extension BenchmarkCommand {
  struct Checkpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "How long a save stops training, and how fast it is written behind its back.")

    @Option(help: "A configuration (default: the 256-px DMFN).")
    var config: String?

    @Option(
      name: .customLong("set"), parsing: .singleValue,
      help: "Replaces one setting: key.path=value; may be repeated.")
    var overrides: [String] = []

    @Option(help: "Saves to measure.")
    var saves = 5

    @Option(help: "A folder on the disk to be measured.")
    var directory = "."

    @Flag(help: "Prints one JSON object.")
    var json = false

    func validate() throws {
      guard saves > 0 else { throw ValidationError("--saves is at least 1.") }
    }

    func run() throws {
      withCommunicator {
        try benchmarkCheckpoint(
          config: config, overrides: overrides, saves: saves, directory: directory, asJSON: json,
          communicator: $0)
      }
    }
  }
}

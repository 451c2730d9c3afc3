import ArgumentParser
import Foundation
import Studio

struct StudioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "studio",
    abstract:
      "Opens a page on this machine on which holes are painted and filled, and runs watched.",
    discussion: """
      Without --weights the page offers the newest checkpoint of every run under runs/; PatchMatch and \
      Telea, which learn nothing, are always there. Nothing is fetched from anywhere. /api on the same \
      address describes how programs use it.
      """)

  @Option(
    name: .customLong("weights"), parsing: .singleValue,
    help: "Generator weights, a checkpoint or a run folder; may be repeated.")
  var weights: [String] = []

  @Option(help: .compat)
  var compat: String?

  @Option(help: "A folder of photographs to choose from.")
  var folder: String?

  @Option(help: "A folder of mask pictures to choose from.")
  var masks: String?

  @Option(help: "The folder that results are saved to; files in it are never replaced.")
  var output: String?

  @Option(help: "The folder of the runs.")
  var runs = "runs"

  @Option(help: "The port (default: the first free one from 8420 on; 0: any free one).")
  var port: UInt16?

  @Option(
    help: """
      The name or address of this machine to listen at. Other machines can connect to one that is not \
      the loopback; then the printed address holds a secret token.
      """)
  var host = "127.0.0.1"

  @Option(
    name: .customLong("trusted-host"), parsing: .singleValue,
    help: "A name under which a proxy offers the page; may be repeated.")
  var trustedHosts: [String] = []

  @Option(help: "Memory that a network may take, in GiB (default: what is free).")
  var memory: Double?

  @Flag(help: "Opens the page in the browser.")
  var open = false

  func validate() throws {
    guard (memory ?? 1) > 0 else { throw ValidationError("--memory is above 0.") }
    guard !host.isEmpty else { throw ValidationError("--host names an address of this machine.") }
    guard folder != "", masks != "", output != "" else {
      throw ValidationError("--folder, --masks and --output name folders.")
    }
  }

  func run() throws {
    var settings = StudioSettings()
    settings.weights = weights
    settings.convention = compat
    settings.folder = folder
    settings.masks = masks
    settings.output = output
    settings.runs = runs
    settings.port = port
    settings.host = host
    settings.trustedHosts = trustedHosts
    settings.memoryLimit = memory.map { Int($0 * 0x1p30) }
    settings.opensBrowser = open
    try StudioServer(settings).run { line in
      // At once, also where output is a pipe.
      try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
    }
  }
}

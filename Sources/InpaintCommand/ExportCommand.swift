import ArgumentParser
import Filling
import GeneratorFiles
import Models

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a network for other programs.",
    subcommands: [ONNX.self])

  struct ONNX: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "onnx",
      abstract: "The generator with its composite as an ONNX file.",
      discussion: """
        Inputs: image, RGB in [-1, 1], [N, 3, H, W], and mask, 1 = hole, [N, 1, H, W], of any \
        number, height and width. Output: filled, [N, 3, H, W], known pixels as in image.
        """)

    @Option(help: .weights)
    var weights: String

    @Option(help: "The file to write.")
    var output: String

    @Option(help: .compat)
    var compat: String?

    @Option(help: .entry)
    var entry: String?

    @Option(help: .blend)
    var blend = CompositeKind.membrane

    @OptionGroup var existing: OverwriteOption

    func run() throws {
      let request = ExportRequest(
        weights: try generatorPath(weights), output: output, convention: compat, entry: entry,
        composite: blend,
        overwrites: existing.overwrite)
      print(try request.run())
    }
  }
}

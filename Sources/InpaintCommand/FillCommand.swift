import ArgumentParser
import Training

struct FillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill",
    abstract: "Fills the holes of photographs; known pixels stay as they are.")

  @Option(help: "Generator weights: safetensors or a PyTorch file.")
  var weights: String

  @Option(help: "A photograph, or a folder of them.")
  var image: String

  @Option(
    help: """
      The hole (white = hole): a picture of the photograph's size, a folder of them by the \
      photographs' names, or center.
      """)
  var mask: String

  @Option(help: "The file or folder to write.")
  var output: String

  @Option(help: "Side in pixels of the centred square to cut out first (0: whole picture).")
  var crop = 0

  @Option(help: "Side in pixels to resize to (0: no change).")
  var side = 0

  @Flag(help: "Writes masked, filled and original side by side.")
  var compare = false

  func validate() throws {
    guard crop >= 0 else { throw ValidationError("--crop is not negative.") }
    guard (0...16384).contains(side) else { throw ValidationError("--side is 0 to 16384.") }
  }

  func run() throws {
    var request = FillRequest(weights: weights, image: image, mask: mask, output: output)
    request.crop = crop
    request.side = side
    request.compares = compare
    try request.run { print($0) }
  }
}

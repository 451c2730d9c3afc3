import ArgumentParser
import SyntheticFaces

struct SynthesizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesize",
    abstract: "Draws synthetic faces in the layout of CelebA.")

  @Argument(help: "The folder to make.")
  var directory: String

  @Option(help: "Number of faces.")
  var count: Int

  @Option(help: "Side of square pictures in pixels (default: 178x218, as CelebA).")
  var side: Int?

  @Option(help: "The same seed draws the same faces.")
  var seed: UInt64 = 1

  func validate() throws {
    guard count > 0 else { throw ValidationError("--count is at least 1.") }
    guard (side ?? 16) >= 16 else { throw ValidationError("--side is at least 16.") }
  }

  func run() throws {
    try writeSyntheticFaces(to: directory, count: count, side: side, seed: seed)
    print("\(count) faces in \(directory)")
  }
}

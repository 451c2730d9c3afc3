import ArgumentParser
import Filling
import GeneratorFiles
import Images

struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Makes faces from random vectors, with a DCGAN's generator.",
    discussion: """
      The same seed gives the same pictures, and picture k is the same however many are made. A \
      run's sample sheets show the vectors of the run's seed.
      """)

  @Option(help: .weights)
  var weights: String

  @Option(help: "Pictures to make; with --walk the vectors to walk past.")
  var count = 64

  @Option(help: "Chooses the vectors.")
  var seed: UInt64 = 1

  @Option(help: "A PNG or JPEG file for a sheet of all pictures, or a folder for one file each.")
  var output: String

  @Option(
    help: """
      Takes so many steps from each vector to the next, by spherical interpolation, and makes a \
      picture of each (0: none between them).
      """)
  var walk = 0

  @Option(
    help: """
      Shortens vectors: below 1 faces are more alike and fewer are odd, above 1 the other way \
      round.
      """)
  var truncation = 1.0

  @Option(help: "What is written into a folder: png or jpeg.")
  var format = ImageFormat.png

  @OptionGroup var existing: OverwriteOption

  func validate() throws {
    guard (1...100_000).contains(count) else { throw ValidationError("--count is 1 to 100000.") }
    guard (0...10_000).contains(walk) else { throw ValidationError("--walk is 0 to 10000.") }
    guard walk == 0 || count > 1 else {
      throw ValidationError("--walk leads from one vector to another: --count is at least 2.")
    }
    guard truncation >= 0 && truncation <= 100 else {
      throw ValidationError("--truncation is 0 to 100.")
    }
  }

  func run() throws {
    var request = SampleRequest(weights: try generatorPath(weights), output: output)
    request.count = count
    request.seed = seed
    request.truncation = truncation
    request.walkSteps = walk
    request.folderFormat = format
    request.overwrites = existing.overwrite
    print(try request.run())
  }
}

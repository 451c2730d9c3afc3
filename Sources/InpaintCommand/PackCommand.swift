import ArgumentParser
import Foundation
import Running
import Training

struct PackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Packs a folder of images into a few tar archives with an index.",
    discussion: """
      Training reads the packed folder like the original: set data.root to it. A pack that was \
      interrupted goes on when the same command is run again.
      """)

  @Argument(help: "CelebA's folder, or any folder of images; with --verify alone, a packed folder.")
  var source: String

  @Argument(help: "The folder to make.")
  var destination: String?

  @Flag(help: "Checks every byte of a packed folder against its checksums.")
  var verify = false

  @Option(help: "Largest size of an archive in MiB.")
  var shardSize = 512

  @Option(help: "Resizes images to this side and stores them as PNG (default: bytes as published).")
  var side: Int?

  @Option(
    help:
      "With --side: side of the centred square to cut out first; 0 is the largest (default: 178).")
  var crop: Int?

  @Option(help: "What to do about an image that does not decode: stop, or skip (leave it out).")
  var damaged = DamagedImages.stop

  enum DamagedImages: String, ExpressibleByArgument, CaseIterable {
    case stop, skip
  }

  func validate() throws {
    guard destination != nil || verify else {
      throw ValidationError("<destination> is missing: name the folder to make.")
    }
    guard (1...1 << 20).contains(shardSize) else {
      throw ValidationError("--shard-size is 1 to 1048576 MiB.")
    }
    guard (1...16384).contains(side ?? 1) else {
      throw ValidationError("--side is 1 to 16384.")
    }
    guard side != nil || crop == nil else {
      throw ValidationError("--crop cuts what --side resizes: give --side as well.")
    }
    guard (0...65536).contains(crop ?? 0) else { throw ValidationError("--crop is 0 to 65536.") }
  }

  func run() throws {
    if let destination {
      let status = try packImages(
        source, to: destination, shardMebibytes: shardSize,
        squares: side.map { (crop: crop ?? 178, side: $0) }, skipsDamaged: damaged == .skip)
      guard status == .done else { Foundation.exit(status.rawValue) }
    }
    if verify { try verifyPack(destination ?? source) }
  }
}

import ArgumentParser
import Running
import Training

struct MasksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "masks",
    abstract: "Draws every kind of hole over synthetic faces.")

  @Option(help: "The sheet to write (.png or .jpg).")
  var preview: String

  @Option(
    help: "Height and width of each picture in pixels (default: the configuration's, or 128).")
  var side: Int?

  @Option(help: "A configuration, for its kinds of holes (default: the default ones).")
  var config: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: "Replaces one setting: key.path=value; may be repeated.")
  var overrides: [String] = []

  @Option(help: "The same seed draws the same sheet (default: the configuration's).")
  var seed: UInt64?

  @OptionGroup var existing: OverwriteOption

  func validate() throws {
    guard (16...1024).contains(side ?? 16) else { throw ValidationError("--side is 16 to 1024.") }
  }

  func run() throws {
    try refuseToReplace([preview], unless: existing.overwrite, option: "--preview")
    let request = MaskPreviewRequest(
      output: preview, configuration: config, overrides: overrides, side: side, seed: seed)
    print(try request.run())
  }
}

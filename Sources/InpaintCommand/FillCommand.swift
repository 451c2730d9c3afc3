import ArgumentParser
import Filling
import GeneratorFiles
import Images
import Models
import TensorCore

struct FillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill",
    abstract: "Fills the holes of photographs; known pixels stay as they are.",
    discussion: """
      A photograph may have any size. PNG, JPEG, WebP and TIFF files are read, turned upright as \
      their EXIF tags say; a PNG that is written keeps channels, depth and every known value. The \
      network sees sRGB; colour profile, EXIF data, resolution and texts go into the result.
      """)

  @Option(help: .weights)
  var weights: String

  @Option(help: "A photograph, or a folder of them.")
  var image: String

  @Option(
    help: """
      Where the holes are: a picture of the photograph's size (white = hole), a folder of them by \
      the photographs' names, center, alpha (the photograph's transparent pixels), or a colour key \
      such as #ff00ff.
      """)
  var mask: String

  @Option(help: "How far, in grey levels, a pixel may be from the colour key.")
  var tolerance = 0

  @Option(
    help: "The PNG or JPEG file to write, or a folder; files that are there are not replaced.")
  var output: String

  @Option(help: "What is written into a folder: png or jpeg.")
  var format = ImageFormat.png

  @Option(help: "Side in pixels of the centred square to cut out first (0: whole picture).")
  var crop = 0

  @Option(help: "Side in pixels to resize to (0: no change).")
  var side = 0

  @Option(
    help: """
      How much of a picture the network sees at a time: whole, hole (a square of twice the hole's \
      sides round each hole), or auto (whole where it fits into memory).
      """)
  var region = FillRequest.Region.auto

  @Option(help: "Memory that the network may take, in GiB (default: what is free).")
  var memory: Double?

  @Option(help: .compat)
  var compat: String?

  @Option(help: .blend)
  var blend = CompositeKind.membrane

  @Option(help: .precision)
  var precision = ElementType.float32

  @Option(
    help: """
      A picture to write of where a network with attention looked, for one photograph: in the hole \
      the hue is the direction to the place whose patch weighs most (red: right, yellow-green: below, \
      cyan: left, violet: above), the saturation its distance, full for the farthest of the picture; \
      white is the place itself. Known pixels are white.
      """)
  var attention: String?

  @Option(help: .entry)
  var entry: String?

  @OptionGroup var existing: OverwriteOption

  @Option(
    help: """
      Fillings of each hole, with a generator that was trained with model.noise: result.png becomes \
      result-1.png, result-2.png and so on. Without it such a generator makes its mean filling.
      """)
  var variants: Int?

  @Option(help: "Chooses the fillings of --variants.")
  var seed: UInt64 = 1

  @Flag(help: "Writes input, mask and result, or all variants, side by side.")
  var compare = false

  func validate() throws {
    guard crop >= 0 else { throw ValidationError("--crop is not negative.") }
    guard (0...16384).contains(side) else { throw ValidationError("--side is 0 to 16384.") }
    guard (0...255).contains(tolerance) else { throw ValidationError("--tolerance is 0 to 255.") }
    guard (1...1000).contains(variants ?? 1) else {
      throw ValidationError("--variants is 1 to 1000.")
    }
    guard (memory ?? 1) > 0 else { throw ValidationError("--memory is above 0.") }
    guard HoleSource(mask) != nil else {
      throw ValidationError("--mask: a colour key is # and six hexadecimal digits.")
    }
  }

  func run() throws {
    guard let hole = HoleSource(mask, tolerance: tolerance) else { return }
    var request = FillRequest(
      weights: try generatorPath(weights), image: image, mask: hole, output: output)
    request.crop = crop
    request.side = side
    request.compares = compare
    request.overwrites = existing.overwrite
    request.entry = entry
    request.region = region
    request.folderFormat = format
    request.convention = compat
    request.attention = attention
    request.variants = variants ?? 0
    request.seed = seed
    request.composite = blend
    request.precision = precision
    request.memoryLimit = memory.map { Int($0 * 0x1p30) }
    try request.run { print($0) }
  }
}

extension ArgumentHelp {
  /// The help of the option that says whose weights a generator has.
  static let compat: ArgumentHelp = """
    Which code the weights fit, for a kind of generator that has two: torch (the PyTorch port) or tf \
    (the TensorFlow code). Checkpoints of this program say it themselves; for other files torch is \
    taken, or tf where tensors have TensorFlow's names.
    """
}

extension ArgumentHelp {
  /// The help of the option that chooses among several dictionaries of weights.
  static let entry: ArgumentHelp = """
    Which entry of a PyTorch file holds the generator where there are several, such as params_ema; \
    dotted if nested.
    """
}

extension FillRequest.Region: ExpressibleByArgument {}

extension ImageFormat: ExpressibleByArgument {
  /// A format that pictures are written in.
  public init?(argument: String) {
    guard let format = ImageFormat(rawValue: argument), Self.written.contains(format) else {
      return nil
    }
    self = format
  }

  /// The formats that pictures are written in.
  public static var allValueStrings: [String] { written.map(\.rawValue) }
}

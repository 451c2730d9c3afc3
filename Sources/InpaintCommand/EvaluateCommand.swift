import ArgumentParser
import Configuration
import Evaluation
import Foundation
import Metrics
import Models
import Running
import TensorCore

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Scores generators and baselines on test pictures; run it under mpirun for several ranks.",
    discussion: """
      Every picture gets the same hole for every method and any number of ranks. Known pixels are \
      those of the original. Pictures have values 0 to 255; scores are means over pictures.

      \(metricLines)
        LPIPS      distance of the features of AlexNet or VGG-16, version 0.1, result against original
        FID        Frechet distance of Inception v3's features (pt_inception-2015-12-05, pictures resized \
      to 299 px) of all results and all originals; compare it only for the same number of pictures

      With --weights of a generator that makes faces from random vectors the scores are the sliced \
      Wasserstein distance (SWD) of its faces from as many pictures of the data, and FID: smaller with more \
      pictures, so compare them for the same --count.

      --output writes summary.json, scores.csv (a line for each picture, mask and method), sheets \
      of the best and the worst pictures by hole L1, and a comparison of the methods. Both table and \
      summary also group pictures by the hole's size and by the part of the face that it covers.
      """)

  @Option(
    name: .customLong("method"), parsing: .singleValue,
    help: """
      generator or the name of its kind, such as dmfn (the generator of --weights), patchmatch, \
      telea, mean (colour of the known pixels), or NAME=FILE for another generator's weights; may be \
      repeated.
      """)
  var methods: [String] = []

  @Option(help: .weights)
  var weights: String?

  @Option(help: .compat)
  var compat: String?

  @Option(help: .entry)
  var entry: String?

  @Option(help: "What to do about a picture that does not decode: stop, or skip (leave it out).")
  var damaged = PackCommand.DamagedImages.stop

  @Option(
    name: .customLong("blend"), parsing: .singleValue,
    help: """
      How the fillings of generators meet the known pixels, as in fill: membrane (the default) or none; \
      may be repeated to score both.
      """)
  var blends: [CompositeKind] = []

  @Option(help: .precision)
  var precision = ElementType.float32

  @Option(help: "The data folder: CelebA, or a folder of pictures.")
  var data = "data/celeba"

  @Option(help: "The part of the data: train, validation, test or all.")
  var split = "test"

  @Option(help: "Pictures to score, the first of the part (0: all).")
  var count = 200

  @Option(
    help: """
      Height and width, in pixels, that pictures are resized to (default: 64; for faces from random \
      vectors what the generator makes).
      """)
  var side: Int?

  @Option(help: "Side in pixels of the centred square to cut out first (0: the largest).")
  var crop = 178

  @Option(
    name: .customLong("mask"), parsing: .singleValue,
    help: """
      The holes: \(HoleKind.evaluated.map(\.word).joined(separator: ", ")) (center is a square of \
      half the sides), or a folder of mask pictures; may be repeated.
      """)
  var masks: [String] = []

  @Option(help: "Chooses random holes, and PatchMatch's random numbers.")
  var seed: UInt64 = 1

  @Option(
    parsing: .singleValue,
    help: "Computes LPIPS with alex or vgg; may be repeated; needs their weights.")
  var lpips: [PerceptualDistance.Backbone] = []

  @Option(
    help: """
      Fillings of each hole by generators that were trained with model.noise. The table then has \
      the mean L1 distance of two of them in the hole, and the hole L1 of the best and of the mean \
      one (percent of 255); all other scores are those of the mean filling.
      """)
  var variants: Int?

  @Flag(help: "Computes FID; needs the weights of Inception v3.")
  var fid = false

  @Option(help: "The folder of the weights that LPIPS and FID need; a message names missing files.")
  var metricWeights = "weights"

  @Option(help: "The folder for tables and sheets; it is new, or empty.")
  var output: String?

  @Flag(help: "Prints one JSON object.")
  var json = false

  func validate() throws {
    guard count >= 0 else { throw ValidationError("--count is not negative.") }
    guard crop >= 0 else { throw ValidationError("--crop is not negative.") }
    guard (11...4096).contains(side ?? 64) else { throw ValidationError("--side is 11 to 4096.") }
    guard (2...1000).contains(variants ?? 2) else {
      throw ValidationError("--variants is 2 to 1000.")
    }
    guard Set(blends).count == blends.count else {
      throw ValidationError("--blend is given twice with the same word.")
    }
    guard output != "" else { throw ValidationError("--output names a folder.") }
  }

  func run() throws {
    var request = EvaluationRequest()
    request.methods = methods
    request.weights = weights
    request.convention = compat
    request.entry = entry
    request.skipsDamaged = damaged == .skip
    if !blends.isEmpty { request.composites = blends }
    request.precision = precision
    request.data = data
    request.split = split
    request.count = count
    request.givenSide = side
    request.crop = crop
    request.masks = masks
    request.seed = seed
    request.lpips = lpips
    request.fid = fid
    request.variants = variants ?? 0
    request.metricWeights = metricWeights
    request.output = output
    request.asJSON = json
    withCommunicator { try evaluate(request, communicator: $0) }
  }
}

extension PerceptualDistance.Backbone: ExpressibleByArgument {}

/// What each metric is, a line each.
private let metricLines = PictureMetric.all.map { metric in
  let heading = metric.heading.padding(toLength: 11, withPad: " ", startingAt: 0)
  return "  \(heading)\(metric.meaning)"
}.joined(separator: "\n")

import Communication
import GeneratorFiles
package import Models
import Running
package import TensorCore

/// What the user asks of `inpaint evaluate`.
package struct EvaluationRequest: Sendable {
  /// What fills the holes: `generator` or a kind such as `dmfn` (the generator of `weights`),
  /// `patchmatch`, `telea`, `mean`, or NAME=FILE for further generators.
  package var methods: [String] = []
  /// The generator's weights.
  package var weights: String?
  /// Whose weights generators hold, for kinds that have several conventions; nil for what files say.
  package var convention: String?
  /// The key of the generator in a file of weights that holds several; nil finds it.
  package var entry: String?
  /// Leaves out pictures that do not decode instead of stopping.
  package var skipsDamaged = false
  /// How the fillings of generators meet the known pixels; with more than one, each is scored.
  package var composites = [CompositeKind.membrane]
  /// The type of feature maps inside generators.
  package var precision = ElementType.float32
  /// The data folder.
  package var data = "data/celeba"
  /// The part of the data: train, validation, test or all.
  package var split = "test"
  /// The first pictures of the part that are used; 0 for all.
  package var count = 200
  /// Height and width that every picture is resized to; nil for 64, or for what a generator makes.
  package var givenSide: Int?
  /// Height and width that every picture is resized to.
  var side: Int { givenSide ?? 64 }
  /// Side of the centred square cut out before resizing; 0 is the largest square.
  package var crop = 178
  /// The kinds of holes, each a row of the table; without any, `center`.
  package var masks: [String] = []
  /// Chooses the holes and PatchMatch's random numbers.
  package var seed: UInt64 = 1
  /// The folder for the CSV, the JSON and the sheets; nil writes none.
  package var output: String?
  /// Prints JSON instead of the table.
  package var asJSON = false

  /// Learned distances to compute.
  package var lpips: [PerceptualDistance.Backbone] = []
  /// How many fillings of each hole generators with noise make, to be compared with each other; 0 makes
  /// the mean filling alone.
  package var variants = 0
  /// Computes the Frechet inception distance.
  package var fid = false
  /// The folder of the published weights that `lpips` and `fid` need.
  package var metricWeights = "weights"

  /// Makes a request.
  package init() {}

  /// Pictures that are filled at a time: the unit of work that ranks share.
  static let unit = 8
}

extension EvaluationRequest {
  /// The same with the file of each generator in the place of a run or checkpoint, chosen by rank 0 for all.
  ///
  /// - Throws: The same `RunError` on every rank where there is none.
  func withFiles(_ communicator: any Communicator) throws -> EvaluationRequest {
    func file(_ path: String) throws -> String {
      String(
        decoding: try communicator.fromRoot { Array(try generatorPath(path).utf8) }, as: UTF8.self)
    }
    var request = self
    request.weights = try weights.map(file)
    request.methods = try methods.map { method in
      let parts = method.split(separator: "=", maxSplits: 1).map(String.init)
      return parts.count == 2 ? "\(parts[0])=\(try file(parts[1]))" : method
    }
    return request
  }
}

import Checkpoints
import Foundation
import GeneratorFiles
import Images
import Metrics
import Models
import Running
import TensorCore

/// The metrics that need published weights: LPIPS and the features of the Frechet inception distance.
struct LearnedMetrics {
  /// The distances, by their names in tables.
  let distances: [(name: String, distance: PerceptualDistance)]
  private let inception: InceptionFeatures?

  /// Reads the weights that a request needs.
  ///
  /// - Throws: `RunError` that says where to get a missing file; else what is wrong with a file.
  init(_ request: EvaluationRequest) throws {
    let folder = request.metricWeights
    distances = try request.lpips.map { backbone in
      if backbone == .alex, request.side < 31 {
        throw RunError(.usage, "--lpips alex needs pictures of 31 pixels; raise --side")
      }
      let (features, linear) = WeightFiles.lpips(backbone)
      let shapes = PerceptualDistance.expectedShapes(backbone)
      let isLinear: (String) -> Bool = { $0.hasPrefix("lin") }
      let weights = try features.tensors(shapes.filter { !isLinear($0.name) }, in: folder)
        .merging(linear.tensors(shapes.filter { isLinear($0.name) }, in: folder)) { $1 }
      return ("lpips_\(backbone.rawValue)", PerceptualDistance(backbone, weights: weights))
    }
    inception =
      request.fid
      ? InceptionFeatures(
        weights: try WeightFiles.inception.tensors(InceptionFeatures.expectedShapes, in: folder))
      : nil
  }

  /// The learned distances of results from their targets: for each picture, in the order of
  /// `distances`.
  func distances(of results: [Image], from targets: [Image]) -> [[Double]] {
    guard !distances.isEmpty else { return results.map { _ in [] } }
    let (a, b) = (Tensor(pictures: results), Tensor(pictures: targets))
    let columns = distances.map { $0.distance(a, b) }
    return results.indices.map { picture in columns.map { $0[picture] } }
  }

  /// The Inception features of pictures, one row each; nil where they are not asked for.
  func features(of pictures: [Image]) -> [[Float]]? {
    guard let inception else { return nil }
    let size = InceptionFeatures.count
    return inception(Tensor(pictures: pictures)).withUnsafeFloats { values in
      pictures.indices.map { Array(values[$0 * size..<($0 + 1) * size]) }
    }
  }
}

/// A file of published weights: the names that it may have, and where it comes from.
private struct WeightFiles {
  let names: [String]
  let origin: String

  static func lpips(
    _ backbone: PerceptualDistance.Backbone
  ) -> (features: WeightFiles, linear: WeightFiles) {
    let published = "https://download.pytorch.org/models/"
    let linear =
      "https://github.com/richzhang/PerceptualSimilarity/raw/master/lpips/weights/v0.1/"
    switch backbone {
    case .alex:
      return (
        WeightFiles(
          names: ["alexnet-owt-7be5be79.pth", "alexnet.pth", "alexnet.safetensors"],
          origin: published + "alexnet-owt-7be5be79.pth"),
        WeightFiles(
          names: ["lpips-alex.pth", "lpips-alex.safetensors"],
          origin: linear + "alex.pth, saved as lpips-alex.pth")
      )
    case .vgg:
      return (
        WeightFiles(
          names: ["vgg16-397923af.pth", "vgg16.pth", "vgg16.safetensors"],
          origin: published + "vgg16-397923af.pth"),
        WeightFiles(
          names: ["lpips-vgg.pth", "lpips-vgg.safetensors"],
          origin: linear + "vgg.pth, saved as lpips-vgg.pth")
      )
    }
  }

  static let inception = WeightFiles(
    names: [
      "pt_inception-2015-12-05-6726825d.pth", "pt_inception-2015-12-05.pth",
      "pt_inception-2015-12-05.safetensors",
    ],
    origin: "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/"
      + "pt_inception-2015-12-05-6726825d.pth")

  /// Tensors of the file, which may hold others too.
  func tensors(
    _ expected: [(name: String, shape: Shape)], in folder: String
  ) throws -> [String: Tensor] {
    let paths = names.map { "\(folder)/\($0)" }
    guard let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw RunError(
        .badData,
        "\(paths[0]): not there; get it from \(origin) into this folder, or name another folder "
          + "with --metric-weights")
    }
    let file = try readWeights(path, remedy: "get it from \(origin)")
    return try Dictionary(
      uniqueKeysWithValues: expected.map { name, shape in
        guard file[name] != nil else {
          throw RunError(.badData, "\(path): no tensor \(name); get the file from \(origin)")
        }
        let stored = try file.tensor(name)
        guard stored.shape == shape.dimensions else {
          throw RunError(
            .badData,
            "\(path): \(name) is \(stored.shape), not \(shape); get the file from \(origin)")
        }
        return (name, Tensor(stored.floats(), shape: shape))
      })
  }
}

import Baselines
import Filling
import GeneratorFiles
import Images
import Models
import Running
import TensorCore

/// Something that fills holes, under the name that it has in the table.
struct EvaluationMethod {
  let name: String
  private let fill: (_ pictures: [Image], _ holes: [HoleMask], _ firstSample: Int) -> [Image]
  private let fillVariant: ((_ pictures: [Image], _ holes: [HoleMask], _ noise: Tensor) -> [Image])?
  private let noiseCount: Int

  /// Whether it can fill a hole in several ways.
  var makesVariants: Bool { noiseCount > 0 }

  /// The pictures with their holes filled; known pixels stay as they are.
  ///
  /// - Parameters:
  ///   - pictures: Three channels, one size.
  ///   - holes: One for each.
  ///   - firstSample: The first picture's number.
  /// - Returns: One result for each.
  func filled(_ pictures: [Image], _ holes: [HoleMask], firstSample: Int) -> [Image] {
    fill(pictures, holes, firstSample)
  }

  /// The pictures with their holes filled in several ways: those of a generator without noise, or of a
  /// baseline, are all its one filling.
  ///
  /// - Parameters:
  ///   - count: Fillings of each picture; each has vectors of its own.
  ///   - pictures: Three channels, one size.
  ///   - holes: One for each.
  ///   - firstSample: The first picture's number.
  ///   - seed: Chooses the vectors.
  /// - Returns: The pictures of each filling.
  func variants(
    _ count: Int, _ pictures: [Image], _ holes: [HoleMask], firstSample: Int, seed: UInt64
  ) -> [[Image]] {
    guard let fillVariant else {
      let filled = fill(pictures, holes, firstSample)
      return Array(repeating: filled, count: count)
    }
    return (0..<count).map { variant in
      let samples = firstSample..<firstSample + pictures.count
      let noise = latentVectors(
        samples, count: noiseCount, seed: seed, purpose: .sample, epoch: variant)
      return fillVariant(pictures, holes, noise)
    }
  }

  private init(_ name: String, _ baseline: any InpaintingBaseline) {
    self.name = name
    // What is hidden must not reach the method, not even where there is nothing known to start from.
    fill = { pictures, holes, firstSample in
      pictures.indices.map {
        baseline.filled(
          holes[$0].painted(on: pictures[$0], value: 128), hole: holes[$0],
          sample: firstSample + $0)
      }
    }
    (fillVariant, noiseCount) = (nil, 0)
  }

  private init(_ name: String, _ generator: any InpaintingGenerator) {
    self.name = name
    fill = { pictures, holes, _ in
      generator.fill(images: Tensor(pictures: pictures), holes: Tensor(holes: holes))
        .composite.pictures
    }
    noiseCount = generator.noiseCount
    fillVariant =
      noiseCount == 0
      ? nil
      : { pictures, holes, noise in
        generator.fill(
          images: Tensor(pictures: pictures), holes: Tensor(holes: holes), noise: noise
        ).composite.pictures
      }
  }

  /// The methods of a request, in its order; without any, the generator or else all baselines.
  ///
  /// - Throws: `RunError` for an unknown name, or what is wrong with a weights file.
  static func methods(of request: EvaluationRequest) throws -> [EvaluationMethod] {
    let names =
      !request.methods.isEmpty
      ? request.methods
      : request.weights == nil ? ["patchmatch", "telea", "mean"] : [Self.ownWeights]
    let methods = try names.flatMap { name in
      switch name {
      case "patchmatch": return [EvaluationMethod(name, PatchMatch(seed: request.seed))]
      case "telea": return [EvaluationMethod(name, Telea())]
      case "mean": return [EvaluationMethod(name, MeanColor())]
      case ownWeights: return try generatorMethods(nil, request)
      case let kind where GeneratorKind.all.contains { $0.name == kind }:
        return try generatorMethods(kind, request)
      default:
        let parts = name.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
          let kinds = GeneratorKind.all.map(\.name).joined(separator: ", ")
          throw RunError(
            .usage,
            "--method \(name): there is no such method; "
              + "use \(kinds), patchmatch, telea, mean, or NAME=FILE for a generator's weights")
        }
        return joined(parts[0], try generator(parts[1], request).generator, request)
      }
    }
    if let weights = request.weights,
      !names.contains(where: { name in
        name == ownWeights || GeneratorKind.all.contains { $0.name == name }
      })
    {
      throw RunError(
        .usage,
        "--weights \(weights): none of the methods is its generator; add --method generator, or leave "
          + "--weights out")
    }
    guard request.variants == 0 || methods.contains(where: \.makesVariants) else {
      throw RunError(
        .usage,
        "--variants: none of the methods fills a hole in several ways; leave the option out, or give "
          + "weights of a generator that was trained with model.noise")
    }
    if let name = firstRepeated(methods.map(\.name)) {
      throw RunError(.usage, "--method \(name) is given twice; use NAME=FILE with different names")
    }
    return methods
  }

  /// Stands for the generator of `weights`, of whatever kind it is.
  private static let ownWeights = "generator"

  /// The generator of `weights`, under the name of its kind.
  ///
  /// - Throws: `RunError` where there are no weights, or those of another kind than asked for.
  private static func generatorMethods(
    _ kind: String?, _ request: EvaluationRequest
  ) throws -> [EvaluationMethod] {
    guard let weights = request.weights else {
      throw RunError(
        .usage,
        "--method \(kind ?? ownWeights) needs the generator's weights; give --weights FILE")
    }
    let found = try generator(weights, request)
    guard kind == nil || kind == found.kind else {
      throw RunError(
        .usage, "--method \(kind ?? ""): \(weights) holds a generator of kind \(found.kind)")
    }
    return joined(found.kind, found.generator, request)
  }

  /// A generator with each way to join its fillings to what is known that is asked for; where there are
  /// several, they end the name.
  private static func joined(
    _ name: String, _ generator: any InpaintingGenerator, _ request: EvaluationRequest
  ) -> [EvaluationMethod] {
    request.composites.map { composite in
      var generator = generator
      generator.compositeKind = composite
      generator.precision = request.precision
      let ending = request.composites.count > 1 ? ", \(composite.rawValue)" : ""
      return EvaluationMethod(name + ending, generator)
    }
  }

  private static func generator(_ path: String, _ request: EvaluationRequest) throws -> (
    kind: String, generator: any InpaintingGenerator
  ) {
    let found = try readGeneratorFile(
      path, convention: request.convention, entry: request.entry)
    let multiple = found.generator.sizeMultiple
    guard request.side.isMultiple(of: multiple) else {
      throw RunError(
        .usage, "--side \(request.side): the generator of \(path) needs a multiple of \(multiple)")
    }
    return found
  }
}

/// The first name that stands twice in a list, or nil.
func firstRepeated(_ names: [String]) -> String? {
  var seen: Set<String> = []
  return names.first { !seen.insert($0).inserted }
}

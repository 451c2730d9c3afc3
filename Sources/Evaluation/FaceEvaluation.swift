import Communication
import Foundation
import GeneratorFiles
import Images
import Metrics
import Models
import Running
import TensorCore

/// The scores of a generator that makes pictures from random vectors, against as many pictures of the data.
struct FaceEvaluation: Encodable {
  let data: String
  let weights: String
  let method: String
  let side: Int
  let count: Int
  let seed: UInt64
  /// The sliced Wasserstein distance: the mean, and that of each level by its side.
  let swd: Double
  let swdLevels: [Level]
  let fid: Double?

  struct Level: Encodable {
    let side: Int
    let swd: Double
  }

  enum CodingKeys: String, CodingKey {
    case data, weights, method, side, count, seed, swd, fid
    case swdLevels = "swd_levels"
  }

  /// The scores as people read them.
  var table: String {
    func decimal(_ value: Double) -> String {
      value.formatted(.number.precision(.fractionLength(2)).grouping(.never))
    }
    let scores =
      [("SWD x1000", decimal(swd))]
      + swdLevels.map { ("  at \($0.side) pixels", decimal($0.swd)) }
      + (fid.map { [("FID", decimal($0))] } ?? [])
    let width = scores.map(\.0.count).max() ?? 0
    return
      (["\(data)", "\(count) faces of \(method), \(side)x\(side), seed \(seed)", ""]
      + scores.map { name, value in
        name + String(repeating: " ", count: width - name.count)
          + String(repeating: " ", count: max(12 - value.count, 1)) + value
      }).joined(separator: "\n")
  }

  /// One JSON object on one line.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}

/// Scores a generator that makes pictures from random vectors: ranks share the work, rank 0 reports.
///
/// The faces are those of `inpaint sample` with the request's seed.
///
/// - Returns: `done`.
/// - Throws: The same `RunError` on every rank.
func evaluateFaces(
  _ request: EvaluationRequest, weights: String, communicator: any Communicator
) throws -> ExitStatus {
  let (generator, set, learned) = try communicator.together {
    try refuseWhatBelongsToHoles(request, weights)
    let generator = try readLatentGenerator(weights)
    guard request.givenSide == nil || request.givenSide == generator.side else {
      throw RunError(
        .usage,
        "--side \(request.side): the generator of \(weights) makes pictures of \(generator.side) pixels; "
          + "leave the option out")
    }
    var request = request
    request.givenSide = generator.side
    return (generator, try EvaluationSet(request), try LearnedMetrics(request))
  }
  let folder = try communicator.together {
    communicator.isRoot ? try request.output.map { try EvaluationFolder($0) } : nil
  }
  guard set.count > 1 else {
    throw RunError(.usage, "a distance of sets needs two pictures; raise --count", isShared: true)
  }
  let share = try communicator.together {
    try FaceShare(generator, set, learned, communicator)
  }
  let gathered = try communicator.gather([UInt8](try JSONEncoder().encode(share)))
  _ = try communicator.fromRoot {
    let decoder = JSONDecoder()
    let faces = FaceShare(
      joining: try gathered.map { try decoder.decode(FaceShare.self, from: Data($0)) })
    let (originals, made) = faces.pictures(side: generator.side)
    let levels = SlicedWassersteinDistance.levelSides(of: generator.side).enumerated().map {
      FaceEvaluation.Level(
        side: $1,
        swd: SlicedWassersteinDistance(seed: set.seed).distance(level: $0, originals, made))
    }
    let scores = FaceEvaluation(
      data: set.summary, weights: weights, method: generator.kindName, side: generator.side,
      count: set.count, seed: set.seed,
      swd: levels.map(\.swd).reduce(0, +) / Double(levels.count), swdLevels: levels,
      fid: faces.inceptionDistance)
    try folder?.write(scores, faces: made, originals: originals)
    print(request.asJSON ? try scores.json : scores.table)
    return []
  }
  return .done
}

/// Refuses what a generator without holes has no use for.
private func refuseWhatBelongsToHoles(_ request: EvaluationRequest, _ weights: String) throws {
  let given = [
    ("--method", !request.methods.isEmpty), ("--mask", !request.masks.isEmpty),
    ("--variants", request.variants > 0), ("--lpips", !request.lpips.isEmpty),
    ("--compat", request.convention != nil),
  ]
  guard let (option, _) = given.first(where: \.1) else { return }
  throw RunError(
    .usage,
    "\(option): the generator of \(weights) makes faces from random vectors and fills no holes; leave "
      + "the option out")
}

/// The faces and originals of one rank, in units that do not depend on the number of ranks.
private struct FaceShare: Codable {
  private struct Unit: Codable {
    let first: Int
    let originals, faces: Data
    /// Features of both, row after row; nothing where they are not asked for.
    let originalFeatures, faceFeatures: [Float]
  }

  private var units: [Unit]

  /// Makes every `worldSize`-th unit, starting with the rank's own.
  init(
    _ generator: any LatentGenerator, _ set: EvaluationSet, _ learned: LearnedMetrics,
    _ communicator: any Communicator
  ) throws {
    let unit = samplesAtATime
    units = try stride(
      from: communicator.rank * unit, to: set.count, by: communicator.worldSize * unit
    ).map { first in
      if StopSignals.pending != nil {
        throw RunError(.stopped, "stopped by a signal; no scores were written")
      }
      let numbers = first..<min(first + unit, set.count)
      let originals = try numbers.map { try set.samples(of: $0)[0].picture }
      let faces = generator.inferredInPieces(
        latentVectors(
          numbers, count: generator.latentCount, seed: set.seed, purpose: .sample)
      ).flatMap(\.pictures)
      return Unit(
        first: first, originals: Data(originals.flatMap(\.pixels)),
        faces: Data(faces.flatMap(\.pixels)),
        originalFeatures: learned.features(of: originals)?.flatMap { $0 } ?? [],
        faceFeatures: learned.features(of: faces)?.flatMap { $0 } ?? [])
    }
  }

  /// Joins what all ranks have made, by number.
  init(joining shares: [FaceShare]) {
    units = shares.flatMap(\.units).sorted { $0.first < $1.first }
  }

  func pictures(side: Int) -> (originals: [Image], faces: [Image]) {
    func images(_ data: Data) -> [Image] {
      let bytes = [UInt8](data)
      let size = 3 * side * side
      return stride(from: 0, to: bytes.count, by: size).map {
        Image(width: side, height: side, channels: 3, pixels: Array(bytes[$0..<$0 + size]))
      }
    }
    return (units.flatMap { images($0.originals) }, units.flatMap { images($0.faces) })
  }

  var inceptionDistance: Double? {
    let (a, b) = (units.flatMap(\.faceFeatures), units.flatMap(\.originalFeatures))
    return a.isEmpty ? nil : frechetDistance(a, b, size: InceptionFeatures.count)
  }
}

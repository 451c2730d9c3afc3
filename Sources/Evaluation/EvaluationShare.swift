import Foundation
import Images
import Metrics
import Models

/// What one rank has found out: scores, and the results that may come onto a sheet.
struct EvaluationShare: Codable {
  /// A filled picture.
  struct Result: Codable {
    let picture: Int
    let method: Int
    let mask: Int
    let holeL1Percent: Double
    let pixels: Data
  }

  /// Inception's features of pictures.
  struct Features: Codable {
    let picture: Int
    /// The method; nil for the original.
    let method: Int?
    let mask: Int
    let values: Data
  }

  private(set) var scores: [PictureScore] = []
  private(set) var features: [Features] = []
  private(set) var results: [Result] = []

  /// Pictures of one kind on a sheet: the first, the best, the worst.
  static let sheetCount = 8

  /// Fills and scores every `worldSize`-th unit of pictures, starting with `rank`.
  ///
  /// Units do not depend on the number of ranks, so neither does any score.
  ///
  /// - Parameters:
  ///   - set: The pictures.
  ///   - methods: What fills the holes.
  ///   - learned: The metrics that need weights.
  ///   - variants: Fillings of each hole that are compared with each other; 0 for none.
  ///   - rank: This rank.
  ///   - worldSize: The number of ranks.
  ///   - keepsResults: Keeps the pictures for sheets.
  ///   - progress: Receives the number of pictures that this rank has done; throws to stop.
  /// - Throws: What is wrong with a picture.
  init(
    _ set: EvaluationSet, methods: [EvaluationMethod], learned: LearnedMetrics,
    variants: (count: Int, seed: UInt64) = (0, 0), rank: Int, worldSize: Int,
    keepsResults: Bool, progress: (Int) throws -> Void
  ) throws {
    var done = 0
    let unit = EvaluationRequest.unit
    for first in stride(from: rank * unit, to: set.count, by: worldSize * unit) {
      let pictures = first..<min(first + unit, set.count)
      let samples = try pictures.map { try set.samples(of: $0) }
      for mask in set.masks.indices {
        let images = samples.map { $0[mask].picture }
        let holes = samples.map { $0[mask].hole }
        if mask == 0 { keepFeatures(of: images, first, method: nil, mask: mask, learned) }
        for (method, filler) in methods.enumerated() {
          let filled = filler.filled(images, holes, firstSample: first)
          var distances = learned.distances(of: filled, from: images)
          if variants.count > 0 {
            let fillings = filler.variants(
              variants.count, images, holes, firstSample: first, seed: variants.seed)
            for offset in images.indices {
              distances[offset] +=
                VariantScores(
                  fillings.map { $0[offset] }, target: images[offset], hole: holes[offset]
                ).values
            }
          }
          keepFeatures(of: filled, first, method: method, mask: mask, learned)
          for (offset, picture) in pictures.enumerated() {
            let sample = samples[offset][mask]
            let score = ImageScores(
              result: filled[offset], target: sample.picture, hole: sample.hole)
            scores.append(
              PictureScore(
                picture: picture, method: method, mask: mask,
                holePercent: 100 * Double(sample.hole.holeArea)
                  / Double(sample.hole.values.count), faceParts: sample.faceParts, scores: score,
                learned: distances[offset]))
            guard keepsResults else { continue }
            results.append(
              Result(
                picture: picture, method: method, mask: mask, holeL1Percent: score[.holeL1],
                pixels: Data(filled[offset].pixels)))
          }
          forgetMiddlingResults(method: method, mask: mask)
        }
      }
      done += pictures.count
      try progress(done)
    }
  }

  /// Joins what all ranks have found out, by picture.
  init(joining shares: [EvaluationShare]) {
    scores = shares.flatMap(\.scores).sorted { $0.picture < $1.picture }
    results = shares.flatMap(\.results).sorted { $0.picture < $1.picture }
    features = shares.flatMap(\.features).sorted { $0.picture < $1.picture }
  }

  /// The results of a method on a kind of hole, best first.
  func ranking(method: Int, mask: Int) -> [Result] {
    results.filter { $0.method == method && $0.mask == mask }
      .sorted { ($0.holeL1Percent, $0.picture) < ($1.holeL1Percent, $1.picture) }
  }

  /// The Frechet inception distance of a method's results from the originals; nil without features.
  func inceptionDistance(method: Int, mask: Int) -> Double? {
    func rows(_ isWanted: (Features) -> Bool) -> [Float] {
      features.filter(isWanted).flatMap { row in
        row.values.withUnsafeBytes { bytes in
          (0..<bytes.count / 4).map {
            bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
          }
        }
      }
    }
    guard !features.isEmpty else { return nil }
    return frechetDistance(
      rows { $0.method == method && $0.mask == mask }, rows { $0.method == nil },
      size: InceptionFeatures.count)
  }

  private mutating func keepFeatures(
    of pictures: [Image], _ first: Int, method: Int?, mask: Int, _ learned: LearnedMetrics
  ) {
    guard let rows = learned.features(of: pictures) else { return }
    for (offset, row) in rows.enumerated() {
      features.append(
        Features(
          picture: first + offset, method: method, mask: mask,
          values: row.withUnsafeBytes { Data($0) }))
    }
  }

  /// Keeps what can still come onto a sheet: the first, the best and the worst pictures.
  private mutating func forgetMiddlingResults(method: Int, mask: Int) {
    let count = Self.sheetCount
    let middle = ranking(method: method, mask: mask).dropFirst(count).dropLast(count)
    let forgotten = Set(middle.map(\.picture).filter { $0 >= count })
    guard !forgotten.isEmpty else { return }
    results.removeAll {
      $0.method == method && $0.mask == mask && forgotten.contains($0.picture)
    }
  }
}

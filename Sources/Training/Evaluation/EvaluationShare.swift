import Foundation
import Images
import Metrics

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

  private(set) var scores: [PictureScore] = []
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
  ///   - rank: This rank.
  ///   - worldSize: The number of ranks.
  ///   - keepsResults: Keeps the pictures for sheets.
  ///   - progress: Receives the number of pictures that this rank has done; throws to stop.
  /// - Throws: What is wrong with a picture.
  init(
    _ set: EvaluationSet, methods: [EvaluationMethod], rank: Int, worldSize: Int,
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
        for (method, filler) in methods.enumerated() {
          let filled = filler.filled(images, holes, firstSample: first)
          for (offset, picture) in pictures.enumerated() {
            let sample = samples[offset][mask]
            let score = ImageScores(
              result: filled[offset], target: sample.picture, hole: sample.hole)
            scores.append(
              PictureScore(
                picture: picture, method: method, mask: mask,
                holePercent: 100 * Double(sample.hole.holeArea)
                  / Double(sample.hole.values.count), faceParts: sample.faceParts, scores: score))
            guard keepsResults else { continue }
            results.append(
              Result(
                picture: picture, method: method, mask: mask, holeL1Percent: score.holeL1Percent,
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
  }

  /// The results of a method on a kind of hole, best first.
  func ranking(method: Int, mask: Int) -> [Result] {
    results.filter { $0.method == method && $0.mask == mask }
      .sorted { ($0.holeL1Percent, $0.picture) < ($1.holeL1Percent, $1.picture) }
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

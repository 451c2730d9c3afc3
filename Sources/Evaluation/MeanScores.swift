import Metrics

/// Means of scores over pictures.
struct MeanScores: Encodable, Equatable {
  /// Number of pictures.
  let count: Int
  /// The means.
  let scores: ImageScores
  /// The means of learned distances, by their names in tables.
  let learned: [String: Double]

  /// Averages scores, in their order.
  ///
  /// - Precondition: There is a score.
  init(_ rows: [PictureScore], learned names: [String]) {
    func mean(_ value: (ImageScores) -> Double) -> Double {
      rows.reduce(0) { $0 + value($1.scores) } / Double(rows.count)
    }
    count = rows.count
    scores = ImageScores(
      holeL1Percent: mean(\.holeL1Percent), l1Percent: mean(\.l1Percent),
      l2Percent: mean(\.l2Percent), psnr: mean(\.psnr), ssim: mean(\.ssim),
      totalVariationPercent: mean(\.totalVariationPercent))
    learned = Dictionary(
      uniqueKeysWithValues: names.enumerated().map { index, name in
        (name, rows.reduce(0) { $0 + $1.learned[index] } / Double(rows.count))
      })
  }

  private enum CodingKeys: String, CodingKey { case count }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(count, forKey: .count)
    try scores.encode(to: encoder)
    try learned.encode(to: encoder)
  }
}

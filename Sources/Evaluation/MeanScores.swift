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
    count = rows.count
    scores = ImageScores(meansOf: rows.map(\.scores))
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

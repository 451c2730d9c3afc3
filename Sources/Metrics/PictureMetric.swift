/// A number that tells how well holes were filled, with all that those who show it must know.
///
/// Scores, means, tables, CSV, summaries, reports and the choice of the best checkpoint read `all`: a
/// new metric is a file with its `PictureMetric` and a line there.
package struct PictureMetric: Sendable {
  /// Which of two values is the better one.
  package enum Better: String, Sendable {
    case higher
    case lower
  }

  /// The name in files and settings, such as `l1_hole_percent`.
  package let name: String
  /// The name that people read, such as `hole L1`.
  package let title: String
  /// The unit, such as `dB`; empty for none.
  package let unit: String
  /// Decimal places in tables.
  package let digits: Int
  /// Which values are better; nil where neither large nor small ones are.
  package let better: Better?
  /// Whether it is computed while a network is trained, so that it can choose the best checkpoint.
  package let isValidated: Bool
  /// What it is, for the command line's help.
  package let meaning: String
  /// Computes it for one picture.
  let value: @Sendable (PictureComparison) -> Double

  /// Every metric, in the order of tables.
  package static let all: [PictureMetric] = [
    .holeL1, .l1, .l2, .psnr, .ssim, .totalVariation,
  ]

  /// The metrics that are computed while a network is trained.
  package static var validated: [PictureMetric] { all.filter(\.isValidated) }

  /// Title and unit: the head of a column.
  package var heading: String { unit.isEmpty ? title : "\(title) \(unit)" }
}

extension PictureMetric: Hashable {
  /// Metrics are told apart by their names.
  package static func == (a: PictureMetric, b: PictureMetric) -> Bool { a.name == b.name }

  /// See `==`.
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

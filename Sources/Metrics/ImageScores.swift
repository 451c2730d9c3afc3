package import Images
import Synchronization

/// How close a filled picture is to the original, by every metric of `PictureMetric.all`.
///
/// Pictures have values 0...255; percentages are of that range. Pixels outside of the hole are
/// compared as they are: fill first, then score the composite.
package struct ImageScores: Equatable, Sendable {
  /// In the order of `PictureMetric.all`.
  private let values: [Double]

  /// Compares a result with its target.
  ///
  /// - Parameters:
  ///   - result: The filled picture.
  ///   - target: The original.
  ///   - hole: Which pixels were filled.
  /// - Precondition: All three have the same size, both pictures the same channels, and no side is
  ///   shorter than 11 pixels.
  package init(result: Image, target: Image, hole: HoleMask) {
    let comparison = PictureComparison(result: result, target: target, hole: hole)
    values = PictureMetric.all.map { $0.value(comparison) }
    ScoringStatistics.finished.add(1, ordering: .relaxed)
  }

  /// The mean of each metric over pictures, added in their order.
  ///
  /// - Precondition: There is a picture.
  package init(meansOf pictures: [ImageScores]) {
    precondition(!pictures.isEmpty, "no picture has a mean")
    values = PictureMetric.all.indices.map { index in
      pictures.reduce(0) { $0 + $1.values[index] } / Double(pictures.count)
    }
  }

  /// The score by a metric.
  package subscript(metric: PictureMetric) -> Double {
    guard let index = PictureMetric.all.firstIndex(of: metric) else {
      preconditionFailure("\(metric.name) is not in the table of metrics")
    }
    return values[index]
  }
}

extension ImageScores: Codable {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads every metric by its name.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    values = try PictureMetric.all.map {
      try container.decode(Double.self, forKey: Name(stringValue: $0.name))
    }
  }

  /// Writes every metric under its name.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for (metric, value) in zip(PictureMetric.all, values) {
      try container.encode(value, forKey: Name(stringValue: metric.name))
    }
  }
}

import Images
import Metrics

/// What several fillings of one hole are to each other and to the original, over channels, in percent of
/// 255.
struct VariantScores {
  /// Their names in tables, in the order of `values`.
  static let names = ["variants_l1", "best_l1", "mean_l1"]

  /// The mean L1 distance of two fillings in the hole.
  let distance: Double
  /// The hole L1 of the filling that is nearest to the original.
  let best: Double
  /// The mean hole L1 of the fillings.
  let mean: Double

  /// The numbers, in the order of `names`.
  var values: [Double] { [distance, best, mean] }

  /// Compares fillings with each other and with the original.
  ///
  /// - Precondition: There are two fillings.
  init(_ variants: [Image], target: Image, hole: HoleMask) {
    precondition(variants.count > 1, "\(variants.count) fillings cannot be compared")
    func difference(_ a: Image, _ b: Image) -> Double {
      ImageScores(result: a, target: b, hole: hole)[.holeL1]
    }
    let errors = variants.map { difference($0, target) }
    best = errors.min() ?? 0
    mean = errors.reduce(0, +) / Double(errors.count)
    var sum = 0.0
    for (index, first) in variants.enumerated() {
      for second in variants[(index + 1)...] { sum += difference(first, second) }
    }
    distance = sum / Double(variants.count * (variants.count - 1) / 2)
  }
}

package import TensorCore

/// One of several kinds for each picture, by weight.
package struct MixedMask: MaskKind {
  private let kinds: [any MaskKind]
  private let weights: [Double]

  /// Mixes kinds.
  ///
  /// - Parameter parts: Kinds with their weights; the weights need not have the sum 1.
  /// - Precondition: No weight is negative and one is positive.
  package init(_ parts: [(kind: any MaskKind, weight: Double)]) {
    precondition(
      parts.allSatisfy { $0.weight >= 0 && $0.weight.isFinite }
        && parts.contains { $0.weight > 0 },
      "a mixture needs weights of at least 0, one of them above 0")
    kinds = parts.map { $0.kind }
    weights = parts.map { $0.weight }
  }

  package func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) throws(ImageError) -> HoleMask {
    var rest = random.uniform(in: 0...1) * weights.reduce(0, +)
    // Rounding may leave a rest after the last kind: that kind is drawn.
    var choice = weights.lastIndex { $0 > 0 } ?? 0
    for (index, weight) in weights.enumerated() where weight > 0 {
      if rest < weight {
        choice = index
        break
      }
      rest -= weight
    }
    return try kinds[choice].mask(for: subject, using: &random)
  }
}

package import TensorCore

/// A grid of small square holes.
package struct MosaicMask: MaskKind {
  /// Number of holes across the image's shorter side, at least 1.
  package let holesAcross: Int
  /// The holes' side as a part of their distance, above 0 and below 1.
  package let holeSide: Double

  /// A grid of so many holes with such sides, its phase random.
  package init(holesAcross: Int = 8, holeSide: Double = 0.5) {
    precondition(holesAcross > 0, "a mosaic has no \(holesAcross) holes")
    precondition(holeSide > 0 && holeSide < 1, "a mosaic's holes have no side \(holeSide)")
    (self.holesAcross, self.holeSide) = (holesAcross, holeSide)
  }

  package func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) -> HoleMask {
    let distance = max(2, min(subject.width, subject.height) / holesAcross)
    let side = min(max(1, Int((Double(distance) * holeSide).rounded())), distance - 1)
    let firstRow = random.integer(in: 0...distance - 1)
    let firstColumn = random.integer(in: 0...distance - 1)
    return HoleMask(width: subject.width, height: subject.height) { row, column in
      (row + firstRow) % distance < side && (column + firstColumn) % distance < side
    }
  }
}

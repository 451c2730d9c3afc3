package import TensorCore

/// Everything but a centred rectangle is missing.
package struct SurroundingMask: MaskKind {
  /// The known rectangle's sides as a part of the image's, above 0 and below 1.
  package let known: Double

  /// A mask that leaves a part of each side.
  package init(known: Double = 0.5) {
    precondition(known > 0 && known < 1, "nothing or everything is known with \(known)")
    self.known = known
  }

  package func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) -> HoleMask {
    let height = max(1, Int((Double(subject.height) * known).rounded()))
    let width = max(1, Int((Double(subject.width) * known).rounded()))
    let centre = Rectangle(
      top: (subject.height - height) / 2, left: (subject.width - width) / 2,
      height: height, width: width)
    return HoleMask(width: subject.width, height: subject.height) { row, column in
      !centre.rows.contains(row) || !centre.columns.contains(column)
    }
  }
}

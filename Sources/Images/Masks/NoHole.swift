package import TensorCore

/// No hole at all, for models that fill none.
package struct NoHole: MaskKind {
  /// Makes the kind.
  package init() {}

  /// A mask without a missing pixel: the only kind that draws such ones.
  package func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) throws(ImageError) -> HoleMask {
    HoleMask(
      width: subject.width, height: subject.height,
      values: Array(repeating: 0, count: subject.width * subject.height), box: subject.centredBox)
  }
}

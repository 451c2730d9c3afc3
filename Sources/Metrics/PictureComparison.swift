internal import Images

/// A filled picture beside the original: what a metric looks at.
struct PictureComparison {
  /// The filled picture.
  let result: Image
  /// The original.
  let target: Image
  /// Which pixels were filled.
  let hole: HoleMask
  /// How the pixels differ.
  let differences: PixelDifferences

  init(result: Image, target: Image, hole: HoleMask) {
    precondition(
      hole.width == result.width && hole.height == result.height,
      "a hole of \(hole.width)x\(hole.height), a result of \(result.width)x\(result.height)")
    (self.result, self.target, self.hole) = (result, target, hole)
    differences = PixelDifferences(result, target, hole: hole.values)
  }
}

/// Where the pixels of a rendering lie in the 178x218 picture and on the head.
struct PixelFrame: Sendable {
  /// Width and height of the picture in whose pixels all lengths are given.
  static let referenceSize = (width: Float(178), height: Float(218))

  /// Columns of the rendering.
  let width: Int
  /// Rows of the rendering.
  let height: Int
  /// Pixels of the rendering for one pixel of the 178x218 picture.
  let scale: Float
  /// From the head's view to the 178x218 picture.
  let alignment: Similarity
  /// Size of a pixel of the rendering in the head's view.
  let pixel: Float

  /// Shows the largest centred part of the 178x218 picture with this aspect ratio.
  init(width: Int, height: Int, alignment: Similarity) {
    (self.width, self.height, self.alignment) = (width, height, alignment)
    let reference = PixelFrame.referenceSize
    scale = max(Float(width) / reference.width, Float(height) / reference.height)
    let factor = alignment.factor
    pixel = 1 / (scale * (factor.x * factor.x + factor.y * factor.y).squareRoot())
  }

  /// Centre of a pixel in the 178x218 picture.
  @inline(__always)
  func reference(row: Int, column: Int) -> SIMD2<Float> {
    SIMD2(
      (Float(column) + 0.5 - 0.5 * Float(width)) / scale + 0.5 * PixelFrame.referenceSize.width,
      (Float(row) + 0.5 - 0.5 * Float(height)) / scale + 0.5 * PixelFrame.referenceSize.height)
  }

  /// A point of the 178x218 picture, in pixels of the rendering.
  func pixelPosition(_ reference: SIMD2<Float>) -> SIMD2<Float> {
    SIMD2(
      (reference.x - 0.5 * PixelFrame.referenceSize.width) * scale + 0.5 * Float(width),
      (reference.y - 0.5 * PixelFrame.referenceSize.height) * scale + 0.5 * Float(height))
  }

  /// A point of the 178x218 picture in the head's view.
  @inline(__always)
  func view(_ reference: SIMD2<Float>) -> SIMD2<Float> {
    alignment.inverse(reference)
  }
}

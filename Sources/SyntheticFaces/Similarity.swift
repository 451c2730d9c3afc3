import Foundation

/// A rotation, uniform scaling and shift of the plane: `p -> a p + b` with complex numbers.
struct Similarity: Sendable {
  /// Real and imaginary part of the factor.
  var factor: SIMD2<Float>
  /// The image of the origin.
  var offset: SIMD2<Float>

  /// The similarity that moves `points` closest to `targets` in the sense of least squares.
  init(aligning points: [SIMD2<Float>], to targets: [SIMD2<Float>]) {
    let count = Float(points.count)
    let center = points.reduce(SIMD2(), +) / count
    let targetCenter = targets.reduce(SIMD2(), +) / count
    var (sum, norm) = (SIMD2<Float>(), Float(0))
    for (point, target) in zip(points, targets) {
      let (p, q) = (point - center, target - targetCenter)
      sum += SIMD2(p.x * q.x + p.y * q.y, p.x * q.y - p.y * q.x)
      norm += p.x * p.x + p.y * p.y
    }
    factor = sum / norm
    offset = .zero
    offset = targetCenter - self(center)
  }

  /// The image of a point.
  func callAsFunction(_ p: SIMD2<Float>) -> SIMD2<Float> {
    SIMD2(factor.x * p.x - factor.y * p.y, factor.x * p.y + factor.y * p.x) + offset
  }

  /// The point whose image is `q`.
  func inverse(_ q: SIMD2<Float>) -> SIMD2<Float> {
    let d = q - offset
    let norm = factor.x * factor.x + factor.y * factor.y
    return SIMD2(factor.x * d.x + factor.y * d.y, factor.x * d.y - factor.y * d.x) / norm
  }

  /// The same similarity with a further turn and scaling around a fixed image point, then a shift.
  func adjusted(
    roll: Float, scale: Float, around pivot: SIMD2<Float>, shift: SIMD2<Float>
  ) -> Similarity {
    let turn = SIMD2(scale * cos(roll), scale * sin(roll))
    func turned(_ p: SIMD2<Float>) -> SIMD2<Float> {
      SIMD2(turn.x * p.x - turn.y * p.y, turn.x * p.y + turn.y * p.x)
    }
    var result = self
    result.factor = turned(factor)
    result.offset = turned(offset - pivot) + pivot + shift
    return result
  }
}

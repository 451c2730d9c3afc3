/// 0 below `lower`, 1 above `upper`, and a cubic with zero slope at both ends in between.
@inline(__always)
func smoothstep(_ lower: Float, _ upper: Float, _ x: Float) -> Float {
  let t = max(0, min(1, (x - lower) / (upper - lower)))
  return t * t * (3 - 2 * t)
}

/// `a` at t = 0, `b` at t = 1, linear in between and beyond.
@inline(__always)
func mix(_ a: Float, _ b: Float, _ t: Float) -> Float {
  a + (b - a) * t
}

/// How much of a pixel a shape covers, in [0, 1].
///
/// `distance` is the signed distance to the outline, negative inside, and `softness` the width of the
/// transition around it: one pixel for a crisp edge.
@inline(__always)
func coverage(_ distance: Float, softness: Float) -> Float {
  smoothstep(0.5 * softness, -0.5 * softness, distance)
}

/// A smooth bump of height 1 at (centerX, centerY) that ends at an ellipse.
///
/// It looks like a Gaussian but has compact support and needs no exponential.
@inline(__always)
func bump(
  _ x: Float, _ y: Float, _ centerX: Float, _ centerY: Float, _ radiusX: Float, _ radiusY: Float
) -> Float {
  let (u, v) = ((x - centerX) / radiusX, (y - centerY) / radiusY)
  let inside = max(0, 1 - u * u - v * v)
  return inside * inside
}

/// The signed distance, to first order, from a point to an ellipse around the origin.
@inline(__always)
func ellipseDistance(_ x: Float, _ y: Float, _ radiusX: Float, _ radiusY: Float) -> Float {
  let (u, v) = (x / radiusX, y / radiusY)
  let value = u * u + v * v
  let slope = ((u / radiusX) * (u / radiusX) + (v / radiusY) * (v / radiusY)).squareRoot()
  return 0.5 * (value - 1) / max(slope, 1e-4)
}

@inline(__always)
func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
  a.x * b.x + a.y * b.y + a.z * b.z
}

@inline(__always)
func normalized(_ a: SIMD3<Float>) -> SIMD3<Float> {
  a / max(dot(a, a).squareRoot(), 1e-6)
}

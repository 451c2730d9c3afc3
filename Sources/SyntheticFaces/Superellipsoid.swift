/// A rounded solid: `x²/width² + z²/depth² + (1 - s) t² + s t³ = 1` with `t = |y - center|/radius`.
///
/// Horizontal sections are ellipses, so that a turned solid can be intersected with lines of sight
/// in closed form; the squareness s below the centre makes a jaw pointed or broad.
struct Superellipsoid: Sendable {
  /// Semi-axis to the side.
  var halfWidth: Float
  /// Semi-axis to the front.
  var halfDepth: Float
  /// Row of the widest section.
  var centerY: Float
  /// Extent above the centre.
  var upperRadius: Float
  /// Extent below the centre.
  var lowerRadius: Float
  /// 0 for an elliptic profile above the centre, 1 for a squarer, cubic one.
  var upperSquareness: Float
  /// 0 for an elliptic profile below the centre, 1 for a squarer, cubic one: the jaw.
  var lowerSquareness: Float

  /// The point of the surface that is seen in one direction of sight.
  struct Hit {
    /// Position in the head's axes.
    var (x, y, z): (Float, Float, Float)
    /// Distance towards the viewer.
    var depth: Float
    /// Unit normal in the viewer's axes.
    var normal: SIMD3<Float>
    /// Signed distance in the picture to the solid's outline, negative inside.
    var distance: Float
  }

  /// Intersects with the line of sight through (viewX, viewY).
  ///
  /// Outside the outline the result is the nearest point of the outline in the same row, so that
  /// everything derived from it is continuous.
  @inline(__always)
  func hit(_ viewX: Float, _ viewY: Float, _ pose: HeadPose) -> Hit {
    let silhouette =
      (halfWidth * halfWidth * pose.cosYaw * pose.cosYaw
      + halfDepth * halfDepth * pose.sinYaw * pose.sinYaw).squareRoot()
    let y = viewY - pose.sinPitch * bulge(viewX, viewY, silhouette)
    let isAbove = y < centerY
    let radius = isAbove ? upperRadius : lowerRadius
    let cubic = isAbove ? upperSquareness : lowerSquareness
    let t = min(abs(y - centerY) / radius, 1.6)
    let power = t * t * (1 - cubic + cubic * t)
    let section = max(1 - power, 1e-3)
    let scale = section.squareRoot()

    let u = viewX / silhouette
    let value = u * u + power - 1
    let slopeY = t * (2 * (1 - cubic) + 3 * cubic * t) / radius
    let slopeX = 2 * u / silhouette
    let distance = value / max((slopeX * slopeX + slopeY * slopeY).squareRoot(), 0.02)

    let (width, depth) = (halfWidth * scale, halfDepth * scale)
    let reach = silhouette * scale
    let x = max(-reach, min(reach, viewX))
    let (w2, d2) = (width * width, depth * depth)
    let a = reach * reach / (w2 * d2)
    let b = x * pose.sinYaw * pose.cosYaw * (1 / d2 - 1 / w2)
    let root = (max(0, reach * reach - x * x) / (w2 * d2)).squareRoot()
    let v = (root - b) / a
    let (headX, headZ) = (x * pose.cosYaw - v * pose.sinYaw, x * pose.sinYaw + v * pose.cosYaw)
    let normal = normalized(
      SIMD3(
        headX / (halfWidth * halfWidth), (isAbove ? -0.5 : 0.5) * slopeY,
        headZ / (halfDepth * halfDepth)))
    return Hit(
      x: headX, y: y, z: headZ, depth: v, normal: pose.viewDirection(normal), distance: distance)
  }

  /// A smooth stand-in for the depth of the surface, zero at the outline: what a nod moves.
  @inline(__always)
  private func bulge(_ viewX: Float, _ viewY: Float, _ silhouette: Float) -> Float {
    let u = viewX / silhouette
    let v = (viewY - centerY) / (viewY < centerY ? upperRadius : lowerRadius)
    return halfDepth * max(0, 1 - u * u - v * v)
  }

  /// The same solid with every outline moved outwards.
  func expanded(by margin: Float) -> Superellipsoid {
    var result = self
    result.halfWidth += margin
    result.halfDepth += margin
    result.upperRadius += margin
    result.lowerRadius += margin
    return result
  }
}

import TensorCore

/// A pair of glasses.
struct Glasses: Sendable {
  /// Half size of a lens.
  var (halfWidth, halfHeight): (Float, Float)
  /// Radius of a lens's corners.
  var cornerRadius: Float
  /// Half thickness of the frame.
  var thickness: Float
  /// Colour of the frame.
  var color: LinearColor

  /// Draws a frame.
  init(random: inout CounterBasedRandom) {
    halfWidth = random.uniform(13.2, 15.4)
    halfHeight = random.uniform(8.5, 12.5)
    cornerRadius = halfHeight * random.uniform(0.35, 1)
    thickness = random.uniform(0.6, 1.5)
    let colors = [
      displayColor(24, 22, 24), displayColor(70, 40, 26), displayColor(120, 110, 100),
      displayColor(150, 112, 52), displayColor(96, 24, 32),
    ]
    color = colors[random.integer(in: 0...4)]
  }
}

extension Glasses {
  /// Paints the glasses over the lit face.
  ///
  /// `frontDepth` says how far the glasses stand before the head's axis, `faceDistance` how far the
  /// point is from the face's outline.
  func paint(
    over face: LinearColor, viewX: Float, viewY: Float, pose: HeadPose, frontDepth: Float,
    faceDistance: Float, pixel: Float, light: SceneLight
  ) -> LinearColor {
    let x = (viewX - frontDepth * pose.sinYaw) / pose.cosYaw
    let y = viewY - frontDepth * pose.sinPitch - 1.5
    let ax = abs(x)
    guard abs(y) < halfHeight + 6 else { return face }
    let (u, v) = (ax - 19.5, y)
    let (cornerX, cornerY) = (
      max(0, abs(u) - halfWidth + cornerRadius), max(0, abs(v) - halfHeight + cornerRadius)
    )
    let inner = min(0, max(abs(u) - halfWidth, abs(v) - halfHeight))
    let rounded = (cornerX * cornerX + cornerY * cornerY).squareRoot() - cornerRadius
    let lens = max(rounded, inner)

    var frame = abs(lens) - thickness
    if ax < 19.5 - halfWidth + 2 {
      frame = min(frame, abs(y + 3 - 0.05 * (6 - ax) * ax) - thickness * 0.9)
    }
    if ax > 19.5 + halfWidth - 1, faceDistance < 3 {
      frame = min(frame, abs(y + 0.55 * halfHeight) - thickness * 0.9)
    }
    var result = face
    // The frame's shadow falls on the skin below it.
    result *= 1 - 0.22 * coverage(frame - 1.2, softness: 3.5)
    let glass = coverage(lens, softness: pixel)
    if glass > 0 {
      let streak =
        smoothstep(2.6, 0, abs(u * 0.8 + v - 5)) + 0.6 * smoothstep(1.4, 0, abs(u * 0.8 + v - 10))
      result = result * (1 - 0.06 * glass) + light.key * (0.05 * streak * glass)
    }
    let covered = coverage(frame, softness: 0.6 + pixel)
    let shine = smoothstep(0.6, -0.6, (v + halfHeight) / 3) * 0.25
    let lit = color * (light.ambient + light.key * 0.7) + light.key * (0.04 + 0.2 * shine)
    return mix(result, lit, covered)
  }
}

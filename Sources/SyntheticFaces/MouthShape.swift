/// The outlines of the lips, in the head's axes.
struct MouthShape: Sendable {
  /// Row of the line between the lips at the middle.
  let row: Float
  /// Row of the corners.
  let cornerRow: Float
  /// Distance from the middle to a corner.
  let halfWidth: Float
  /// Distance between the lips at the middle.
  let opening: Float

  private let upperLip: Float
  private let lowerLip: Float
  private let color: LinearColor
  private let gloss: Float

  /// The mouth of a person with an expression.
  init(of identity: FaceIdentity, expression: FaceExpression) {
    let smile = expression.smile
    opening = expression.mouthOpening
    row = 41.5 + 0.8 * smile - 0.25 * opening
    cornerRow = 40.4 - 4.0 * smile
    halfWidth = identity.mouthHalfWidth + 2.4 * max(0, smile) - 0.1 * opening
    let thinning = 1 - 0.28 * max(0, smile)
    upperLip = 4.1 * identity.lipFullness * thinning
    lowerLip = 5.6 * identity.lipFullness * thinning
    let natural =
      identity.skin * LinearColor(0.88, 0.5, 0.52) + LinearColor(0.035, 0, 0.004)
    color = mix(natural, identity.lipstickColor, 0.85 * identity.lipstick)
    gloss = 0.10 + 0.22 * identity.lipstick
  }

  /// Signed distance to the outline of both lips, negative inside.
  func distance(x: Float, y: Float) -> Float {
    let edges = edges(x)
    return max(max(edges.top - y, y - edges.bottom) * 0.8, abs(x) - halfWidth)
  }

  /// Row of the upper lip's upper edge; beside the mouth, the row of its corners.
  func upperEdge(x: Float) -> Float {
    edges(x).top
  }

  /// Paints lips, teeth and the inside of the mouth over lit skin.
  ///
  /// `light` is the light that falls on a white surface here, `highlight` the share that wet lips
  /// mirror, 0...1.
  func paint(
    over skin: LinearColor, x: Float, y: Float, pixel: Float, light: LinearColor, highlight: Float
  ) -> LinearColor {
    let reach = halfWidth + 2
    guard abs(x) < reach, y > row - 14, y < row + opening + 14 else { return skin }
    let edges = edges(x)
    let q = min(1, abs(x) / halfWidth)
    let e = 1 - q * q

    let outside = max(max(edges.top - y, y - edges.bottom) * 0.85, (abs(x) - halfWidth) * 0.8)
    let lips = coverage(outside, softness: 1.1 + pixel)
    let isUpper = smoothstep(edges.innerBottom + 0.5, edges.innerTop - 0.5, y)
    // The upper lip turns away from light above, the lower one towards it.
    let shade = mix(1.12, 0.82, isUpper)
    let body = color * light * shade + LinearColor(repeating: gloss * highlight)
    var result = mix(skin, body, lips * 0.92)

    let gap = edges.innerBottom - edges.innerTop
    if gap > 0.3 {
      let inside = coverage(
        max(edges.innerTop - y, y - edges.innerBottom), softness: 0.8 + pixel)
      let depth = y - edges.innerTop
      let teethLength = 4.8 + 0.25 * opening
      let teeth =
        coverage(depth - teethLength * (1 - 0.35 * q * q), softness: 1.2 + pixel)
        * smoothstep(0.92, 0.6, q)
      let tooth = x / 3.5
      let between = abs(tooth - tooth.rounded())
      let separation = smoothstep(0.16, 0.02, between) * 0.22
      let enamel =
        LinearColor(0.82, 0.77, 0.66) * light
        * ((1 - separation) * (0.72 + 0.28 * smoothstep(0, 2, depth)) * (1 - 0.55 * q * q))
      let tongue = mix(
        LinearColor(0.05, 0.012, 0.012), LinearColor(0.32, 0.09, 0.09) * light,
        smoothstep(4, 9, depth) * 0.7)
      result = mix(result, mix(tongue, enamel, teeth), inside * smoothstep(0, 0.12, e))
    }
    // The line where the lips meet, darkest in the corners.
    let line = abs(y - (gap > 0.6 ? edges.innerTop : 0.5 * (edges.innerTop + edges.innerBottom)))
    let corner = bump(abs(x), y, halfWidth - 0.5, cornerRow, 4, 3)
    let ends = smoothstep(halfWidth + 1.5, halfWidth - 2, abs(x))
    let dark = max(0.62 * coverage(line - 0.55, softness: 1.2 + pixel) * ends, 0.4 * corner)
    return result * (LinearColor(repeating: 1) - dark * LinearColor(0.85, 1, 1))
  }

  private func edges(
    _ x: Float
  ) -> (top: Float, innerTop: Float, innerBottom: Float, bottom: Float) {
    let q = min(1, abs(x) / halfWidth)
    let q2 = q * q
    let e = 1 - q2
    let line = mix(row, cornerRow, q2 * (1.25 - 0.25 * q2))
    let innerTop = line - 0.12 * opening * e
    let innerBottom = line + opening * e
    let bow = 1 - 0.24 * max(0, 1 - q2 / 0.05) + 0.06 * max(0, 1 - (q - 0.28) * (q - 0.28) / 0.03)
    let top = innerTop - upperLip * e * (1.25 - 0.25 * e) * bow
    let bottom = innerBottom + lowerLip * e * (1.2 - 0.2 * e)
    return (top, innerTop, innerBottom, bottom)
  }
}

/// The opening of an eye, its iris, its lids and its brow, in the head's axes.
///
/// Both eyes share one shape: distances to the side grow outwards from the nose.
struct EyeShape: Sendable {
  /// Distance of the eye's centre from the middle of the face.
  static let centerX: Float = 19.5

  private let identity: FaceIdentity
  private let halfWidth: Float
  private let upperHeight: Float
  private let lowerHeight: Float
  private let gaze: SIMD2<Float>
  private let browRow: Float
  private let browColor: LinearColor
  private let lashDensity: Float
  private let makeup: Float
  private let noise: LatticeNoise

  /// The eyes of a person with an expression.
  init(of identity: FaceIdentity, expression: FaceExpression, noise: LatticeNoise) {
    self.identity = identity
    self.noise = noise
    halfWidth = 10.2 * identity.eyeSize
    upperHeight = 5.1 * identity.eyeSize * expression.eyeOpening
    lowerHeight = 3.1 * identity.eyeSize - 0.7 * max(0, expression.smile)
    gaze = expression.gaze
    browRow = -identity.browHeight - expression.browRaise
    let hair = identity.hairColor.color
    browColor = mix(
      hair * 0.5, displayColor(44, 30, 24), identity.hairColor.kind == .gray ? 0.2 : 0.5)
    lashDensity = 1 - 0.55 * identity.ruggedness
    makeup = identity.lipstick
  }

  /// Paints the eyes and brows over lit skin.
  ///
  /// `light` is the light that falls on a white surface here, `lightDirection` the unit vector
  /// towards its source.
  func paint(
    over skin: LinearColor, x: Float, y: Float, pixel: Float, light: LinearColor,
    lightDirection: SIMD3<Float>
  ) -> LinearColor {
    guard y > -26, y < 14 else { return skin }
    let sign: Float = x < 0 ? -1 : 1
    let outward = abs(x) - EyeShape.centerX
    guard outward > -16, outward < 17 else { return skin }
    var result = skin
    if y < -5 { result = paintBrow(over: result, ax: abs(x), y: y, sign: sign, pixel: pixel) }
    guard y > -13 else { return result }

    let row = y + identity.eyeTilt * outward
    let q = outward / halfWidth
    let e = max(0, 1 - q * q)
    let upper = -upperHeight * e * (1 - 0.14 * q) * (1.18 - 0.18 * e)
    let lower = lowerHeight * e * (1 + 0.18 * q)

    // Lid crease and eye shadow above the opening.
    let crease = row - upper + mix(2.9, 2.2, abs(q))
    let creaseFade = smoothstep(1.25, 0.7, abs(q))
    let creaseDark = 0.34 * coverage(abs(crease) - 0.45, softness: 1.8 + pixel) * creaseFade
    let lid = smoothstep(0.8, -0.6, row - upper) * smoothstep(-1.2, 0.6, crease) * creaseFade
    result *= 1 - creaseDark
    result = mix(result, result * LinearColor(0.52, 0.42, 0.42), 0.75 * makeup * lid)

    let opening = max(max(upper - row, row - lower) * 0.92, abs(outward) - halfWidth)
    let open = coverage(opening, softness: 0.5 + pixel)
    if open > 0 {
      let ball = eyeball(
        outward: outward, row: row, sign: sign, fromUpperLid: row - upper, pixel: pixel,
        light: light, lightDirection: lightDirection)
      result = mix(result, ball, open)
    }
    return paintLashes(over: result, row: row, q: q, upper: upper, lower: lower, pixel: pixel)
  }

  private func eyeball(
    outward: Float, row: Float, sign: Float, fromUpperLid: Float, pixel: Float,
    light: LinearColor, lightDirection: SIMD3<Float>
  ) -> LinearColor {
    let (u, v) = (outward - gaze.x * sign, row + 0.7 - gaze.y)
    let radius = (u * u + v * v).squareRoot()
    let irisRadius: Float = 4.35 * identity.eyeSize
    let pupilRadius: Float = 1.85 * identity.eyeSize

    let round = 1 - 0.42 * (outward / halfWidth) * (outward / halfWidth)
    let lidShadow = 0.5 + 0.5 * smoothstep(-0.4, 3.4, fromUpperLid)
    var color = LinearColor(0.66, 0.62, 0.585) * round
    // The inner corner is pink.
    color = mix(
      color, LinearColor(0.55, 0.25, 0.22), 0.8 * smoothstep(-0.78, -0.98, outward / halfWidth))

    let ring = smoothstep(0.62 * irisRadius, irisRadius, radius)
    // Light that enters on one side of the cornea leaves on the other.
    let glow = 1 + 0.5 * (-u * sign * lightDirection.x - v * lightDirection.y) / irisRadius
    let iris = identity.iris * (glow * (1.25 - 0.8 * ring))
    color = mix(color, iris, coverage(radius - irisRadius, softness: 0.7 + pixel))
    color = mix(
      color, LinearColor(repeating: 0.004), coverage(radius - pupilRadius, softness: 0.6 + pixel))
    color *= light * (lidShadow * 1.05)

    let (hx, hy) = (u - 1.5 * lightDirection.x * sign, v - 1.9 * lightDirection.y)
    let spark = coverage((hx * hx + hy * hy).squareRoot() - 0.8, softness: 0.7 + pixel)
    let (gx, gy) = (u + 1.7 * lightDirection.x * sign, v + 1.5 * lightDirection.y)
    let reflection = coverage((gx * gx + gy * gy).squareRoot() - 0.5, softness: 1 + pixel)
    return color + light * (0.85 * spark + 0.12 * reflection)
  }

  private func paintLashes(
    over color: LinearColor, row: Float, q: Float, upper: Float, lower: Float, pixel: Float
  ) -> LinearColor {
    let length = smoothstep(1.22, 1.0, q) * smoothstep(-1.12, -0.85, q)
    let thickness = (0.55 + 0.35 * max(0, q + 0.3)) * (0.75 + 0.5 * lashDensity)
    // Beyond the outer corner the upper lashes run on and rise.
    let line = q > 1 ? -(q - 1) * 4 : upper
    let above = coverage(abs(row - line + 0.35) - thickness, softness: 0.7 + pixel) * length
    let below =
      coverage(abs(row - lower - 0.2) - 0.3, softness: 0.9 + pixel)
      * smoothstep(1.05, 0.9, abs(q))
    let dark = max(above * (0.7 + 0.25 * lashDensity), below * (0.22 + 0.3 * makeup))
    return mix(color, LinearColor(0.012, 0.008, 0.007), dark)
  }

  private func paintBrow(
    over color: LinearColor, ax: Float, y: Float, sign: Float, pixel: Float
  ) -> LinearColor {
    let start = 7.2 - 0.6 * identity.ruggedness
    let p = (ax - start) / 24.5
    guard p > -0.1, p < 1.06 else { return color }
    let peak = (p - 0.62) / 0.62
    let row =
      browRow - identity.browArch * (1 - peak * peak) + 1.5 * p * p + 0.9 * (1 - p) * (1 - p)
    let taper = mix(1, 0.32, max(0, p) * max(0, p)) * smoothstep(-0.06, 0.14, p)
    let halfThickness = 1.45 * identity.browThickness * taper
    let strands = noise(sign * (ax + 0.7 * y) * 0.9, y * 0.35 - 0.4 * ax)
    let distance = abs(y - row) - halfThickness + 0.5 * strands
    let density = mix(0.62, 0.92, identity.ruggedness) + 0.16 * strands
    let ends = smoothstep(1.05, 0.88, p)
    return mix(
      color, browColor, coverage(distance, softness: 1.7 + pixel) * min(1, density) * ends)
  }
}

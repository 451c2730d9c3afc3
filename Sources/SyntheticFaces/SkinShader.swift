/// Lights the skin and paints eyes and mouth on it.
struct SkinShader: Sendable {
  private let identity: FaceIdentity
  private let light: SceneLight
  private let hat: Hat?
  private let mouth: MouthShape
  private let eye: EyeShape
  private let pigment: SkinPigment

  /// The skin of a scene's person.
  init(_ scene: FaceScene, mouth: MouthShape, noise: LatticeNoise) {
    identity = scene.identity
    light = scene.light
    hat = scene.hat
    self.mouth = mouth
    eye = EyeShape(of: scene.identity, expression: scene.expression, noise: noise)
    pigment = SkinPigment(of: scene.identity, mouth: mouth, noise: noise)
  }

  /// Light on white skin: blood under the skin lets red light spread around the terminator.
  ///
  /// `key` and `openness` are the shares of the key light and of the light from all sides that
  /// arrive, 0...1.
  @inline(__always)
  func irradiance(normal: SIMD3<Float>, key: Float, openness: Float) -> LinearColor {
    let facing = dot(normal, light.direction)
    let wrap = LinearColor(0.42, 0.24, 0.18)
    var diffuse = (LinearColor(repeating: facing) + wrap) / (LinearColor(repeating: 1) + wrap)
    diffuse.replace(with: 0, where: diffuse .< .zero)
    let sky = 0.8 - 0.2 * normal.y
    let softKey = LinearColor(key * 0.9 + 0.1, key, key)
    return light.ambient * (openness * sky) + light.key * diffuse * softKey
  }

  /// The face at a pixel.
  ///
  /// `ownShadow` is the share of the key light that the face itself lets pass, `hairShade` the share
  /// that the hair beside the pixel lets pass, 0...1.
  func face(
    at point: HeadField.Point, normal: SIMD3<Float>, ownShadow: Float, hairShade: Float,
    pixel: Float
  ) -> LinearColor {
    let (x, y) = (point.x, point.y)
    let key = ownShadow * hairShade * (hat?.light(atRow: y) ?? 1)
    let openness = (0.55 + 0.45 * hairShade) * (1 - cavity(abs(x), y))

    var color = pigment.color(x, y) * irradiance(normal: normal, key: key, openness: openness)
    let facing = max(0, dot(normal, light.halfway))
    let squared = facing * facing
    let broad = squared * squared
    let sharp = broad * broad * broad * broad
    let oily = 0.5 + bump(x, y, 0, 12, 11, 22) + 0.6 * bump(x, y, 0, -30, 30, 18)
    color += light.key * (key * (0.035 * broad + 0.10 * sharp * broad * oily))
    let outline = max(0, 1 - normal.z)
    let away = max(0, 0.4 - normal.x * light.direction.x * 1.2)
    color += light.rim * identity.skin * (outline * outline * away * 1.6)
    color *= 1 - nostrils(x, y)

    let white =
      light.ambient * openness + light.key * (key * max(0.25, dot(normal, light.direction)))
    color = mouth.paint(
      over: color, x: x, y: y, pixel: pixel, light: white, highlight: sharp * key)
    return eye.paint(
      over: color, x: x, y: y, pixel: pixel, light: white, lightDirection: light.direction)
  }

  /// How much of the light from all sides the hollows of a face lose, 0...1.
  private func cavity(_ ax: Float, _ y: Float) -> Float {
    0.42 * bump(ax, y, 10.5, -3, 7, 9) + 0.3 * bump(ax, y, 19, -4, 14, 6)
      + 0.22 * bump(ax, y, 6, 31.5, 9, 4.5) + 0.22 * bump(ax, y, 14, 27, 4, 6)
      + 0.3 * bump(ax, y, 0, mouth.row + mouth.opening + 9.5, 11, 4)
  }

  /// How much darker the nostrils are than the skin around them, 0...1.
  private func nostrils(_ x: Float, _ y: Float) -> Float {
    guard abs(y - 31) < 6, abs(x) < 16 else { return 0 }
    let width = identity.noseWidth
    let ax = abs(x)
    let hole = ellipseDistance(ax - 5.1 * width, y - 30.2 - 0.12 * (ax - 5), 3.1 * width, 1.7)
    let under = bump(ax, y, 0, 32.5, 11 * width, 3.5)
    return 0.72 * smoothstep(1.1, -1.1, hole) + 0.1 * under * smoothstep(-0.6, 1.1, hole)
  }
}

/// Neck, clothes and ears.
struct BodyLayer: Sendable {
  private let identity: FaceIdentity
  private let pose: HeadPose
  private let light: SceneLight
  private let clothing: Clothing
  private let skin: SkinShader
  private let noise: LatticeNoise

  /// The body of a scene's person.
  init(_ scene: FaceScene, skin: SkinShader, noise: LatticeNoise) {
    identity = scene.identity
    pose = scene.pose
    light = scene.light
    clothing = scene.clothing
    self.skin = skin
    self.noise = noise
  }

  /// Where the jaw's shadow on a point of the neck comes from, relative to the point.
  var jawShadowOffset: SIMD2<Float> {
    SIMD2(12 * light.direction.x, 14 * light.direction.y - 6)
  }

  /// Paints neck and clothes over the background.
  ///
  /// `jawDistance` is the distance to the head's outline at `jawShadowOffset` from the point.
  func paint(
    over background: LinearColor, view: SIMD2<Float>, pixel: Float, jawDistance: Float
  ) -> LinearColor {
    let x = view.x + 9 * pose.sinYaw
    var result = background
    let spread = max(0, view.y - 62)
    let halfWidth =
      identity.neckHalfWidth + 0.006 * spread * spread + 2 * smoothstep(60, 40, view.y)
    let neck = coverage(abs(x) - halfWidth, softness: 0.8 + pixel)
    let open = 1 - 0.62 * smoothstep(11, -7, jawDistance)
    if neck > 0 {
      let u = max(-1, min(1, x / halfWidth))
      let normal = normalized(SIMD3(u, 0.12, (1.02 - u * u).squareRoot()))
      let muscle = bump(abs(x - 0.1 * view.y), view.y, 10, 88, 5, 30)
      let lit = skin.irradiance(normal: normal, key: open, openness: 0.4 + 0.5 * open)
      result = mix(result, identity.skin * lit * (0.93 + 0.12 * muscle), neck)
    }
    guard view.y > 60 else { return result }
    let cloth = clothing.layer(
      x: x, y: view.y, neckHalfWidth: identity.neckHalfWidth, pixel: pixel, noise: noise)
    guard cloth.coverage > 0 else { return result }
    let facing = max(0, (dot(cloth.normal, light.direction) + 0.2) / 1.2)
    let lit = light.ambient * 0.9 + light.key * (facing * (0.4 + 0.6 * open))
    return mix(result, cloth.color * lit, cloth.coverage)
  }

  /// Paints one ear: the nearer one, which covers the face's edge, or the other, which it covers.
  func paintEar(
    over picture: LinearColor, view: SIMD2<Float>, pixel: Float, nearer: Bool
  ) -> LinearColor {
    let side: Float = (pose.sinYaw > 0) == nearer ? -1 : 1
    let y = view.y - 6
    let x =
      side * (view.x - side * (identity.head.halfWidth + 1.5) * pose.cosYaw + 5 * pose.sinYaw)
    guard abs(y) < 18, abs(x) < 16 else { return picture }
    // The upper half leans outwards, the lobe inwards.
    let across = x + 0.14 * y + 0.12 * max(0, y - 4)
    let width = 6.2 + 5 * max(0, -side * pose.sinYaw)
    let distance = ellipseDistance(across, y, width, 13.5)
    let covered = coverage(distance, softness: 0.7 + pixel)
    guard covered > 0 else { return picture }
    let normal = normalized(SIMD3(side * (0.35 + 0.3 * across / width), y / 26, 0.7))
    let concha = bump(across, y, 0.5, 1, 0.62 * width, 8.5)
    let rim = smoothstep(-3.2, -1.4, distance)
    let lit = skin.irradiance(normal: normal, key: 0.8, openness: 0.75)
    let color = identity.skin * LinearColor(1, 0.84, 0.82)
    return mix(picture, color * lit * (0.86 - 0.5 * concha + 0.16 * rim), covered)
  }
}

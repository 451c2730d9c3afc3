/// The hair on a head, seen by the viewer.
///
/// Short hair is a shell around the skull that ends at the hairline; long hair adds two curtains
/// beside the face and a layer behind the neck. Strands run from the parting outwards and down.
struct HairLayer: Sendable {
  private let style: HairStyle
  private let color: LinearColor
  private let gloss: Float
  private let shell: Superellipsoid
  private let pose: HeadPose
  private let noise: LatticeNoise
  private let faceHalfWidth: Float
  private let shellHalfWidth: Float
  private let partX: Float
  private let topRow: Float

  /// What one line of sight meets.
  struct Sample {
    /// Signed distance to the outline of the hair in front of the face, negative inside.
    var distance: Float = 1000
    /// Weight of the curtains against the shell, 0...1.
    var curtain: Float = 0
    /// Unit normal in the viewer's axes.
    var normal = SIMD3<Float>(0, 0, 1)
    /// Distance inwards from the edge that faces the skin.
    var fromSkin: Float = 0
    /// Signed distance to the outline of the shell around the skull.
    var shellDistance: Float = 1000
  }

  /// The hair of a person in a pose.
  init(of identity: FaceIdentity, pose: HeadPose, underHat: Bool, noise: LatticeNoise) {
    var style = identity.hairStyle
    if underHat {
      style.thickness = min(style.thickness, 3.2)
      style.fringe = nil
    }
    self.style = style
    self.pose = pose
    self.noise = noise
    color = identity.hairColor.color
    gloss = style.curl > 0 ? 0.25 : 1
    var shell = identity.head.expanded(by: style.thickness)
    shell.upperRadius += 0.2 * style.thickness
    shell.upperSquareness = 0.45
    self.shell = shell
    let (c, s) = (pose.cosYaw, pose.sinYaw)
    faceHalfWidth =
      (identity.head.halfWidth * identity.head.halfWidth * c * c
      + identity.head.halfDepth * identity.head.halfDepth * s * s).squareRoot()
    shellHalfWidth =
      (shell.halfWidth * shell.halfWidth * c * c + shell.halfDepth * shell.halfDepth * s * s)
      .squareRoot()
    partX = style.fringe == nil ? -style.side * min(16, style.sweep) : 0
    topRow = shell.centerY - shell.upperRadius
  }

  /// Where the hair in front of the face is at a point of the view.
  func sample(_ viewX: Float, _ viewY: Float) -> Sample {
    var sample = Sample()
    let bottom = style.length.map { $0 + 8 } ?? 40
    guard viewY > topRow - 12, viewY < bottom, abs(viewX) < shellHalfWidth + 22 else {
      return sample
    }
    let rough = noise(viewX * 0.21 + 5, viewY * 0.21)
    var jitter = (0.5 + 0.1 * style.thickness) * rough
    if style.curl > 0 {
      jitter += style.curl * 0.16 * style.thickness * noise(viewX * 0.13, viewY * 0.13 + 9)
    }

    if viewY < 40 {
      let hit = shell.hit(viewX, viewY, pose)
      let (row, slope) = hairline(hit.x, strandX: viewX)
      let inner = (hit.y - row) / (1 + slope * slope).squareRoot()
      sample.distance = max(hit.distance - jitter, inner)
      sample.normal = hit.normal
      sample.fromSkin = -inner
      sample.shellDistance = hit.distance - rough
    }
    guard let length = style.length, viewY > -54 else { return sample }
    let ax = abs(viewX)
    let sway = style.wave * 0.55 * noise(viewY * 0.035, viewX < 0 ? 3 : 8)
    let outer = curtainOuter(viewY) + sway + 0.8 * rough
    let middle = viewX - 16 * pose.sinYaw
    let below = smoothstep(20, 95, viewY)
    let innerEdge =
      faceHalfWidth * mix(mix(0.8, 0.88, smoothstep(-26, 4, viewY)), 0.55, below)
      + 0.025 * max(0, -20 - viewY) * max(0, -20 - viewY)
      + 1.3 * style.wave * noise(viewY * 0.05 + 20, middle < 0 ? 1 : 6) + 0.7 * rough
    let inner = innerEdge - abs(middle)
    let end = viewY - length + 5 * noise(viewX * 0.16, 2.5) + 0.06 * (ax - 40) * (ax - 40) / 10
    var distance = max(inner, -smoothMinimum(outer - ax, -end, radius: 16))
    if viewY < shell.centerY { distance = max(distance, sample.shellDistance) }
    let curtain = smoothstep(-30, 4, viewY)
    sample.curtain = curtain
    if curtain > 0 {
      let across = min(1, max(0, (ax - innerEdge) / max(6, outer - innerEdge)))
      let tilt = mix(-0.55, 0.85, across) * (viewX < 0 ? -1 : 1)
      let normal = normalized(SIMD3(tilt, -0.08, (1 - min(0.95, tilt * tilt)).squareRoot()))
      sample.normal = normalized(sample.normal * (1 - curtain) + normal * curtain)
      sample.fromSkin = mix(sample.fromSkin, -inner, curtain)
    }
    sample.distance = smoothMinimum(sample.distance, max(distance, -52 - viewY), radius: 14)
    return sample
  }

  /// Coverage of the hair that hangs behind the neck.
  func backCoverage(_ viewX: Float, _ viewY: Float, sample: Sample, pixel: Float) -> Float {
    guard abs(viewX) < shellHalfWidth + 22, viewY > topRow - 12 else { return 0 }
    var covered: Float = 0
    if !style.isBald, viewY < 4 {
      // The far side of the shell, which a turned face does not hide.
      let taper = smoothstep(-44, -4, viewY) * (style.thickness + 1.5)
      covered = coverage(sample.shellDistance + taper, softness: 1.6 + pixel)
    }
    guard let length = style.length, viewY > -20 else { return covered }
    let ax = abs(viewX)
    let sway = style.wave * 0.5 * noise(viewY * 0.035, viewX < 0 ? 3 : 8)
    let edge = max(
      ax - curtainOuter(viewY) + 1 - sway, viewY - length - 2 + 4 * noise(viewX * 0.16, 5))
    return max(covered, coverage(edge, softness: 1.6 + pixel))
  }

  /// Coverage for a sample: strands fray the edge.
  func frontCoverage(of sample: Sample, pixel: Float) -> Float {
    coverage(sample.distance, softness: (style.thickness < 3 ? 3.4 : 1.8) + pixel)
  }

  /// The lit colour of the hair.
  ///
  /// `sample` belongs to the same point; `openness` is the share of the light from all sides that
  /// reaches the hair, 0...1.
  func shade(
    _ viewX: Float, _ viewY: Float, sample: Sample, light: SceneLight, openness: Float,
    pixel: Float
  ) -> LinearColor {
    let down = max(0, viewY - topRow)
    let spread = max(0.2, down / (down + 26))
    let x = viewX - 10 * pose.sinYaw - partX
    var u = x / spread
    u +=
      style.wave * 1.3 * sinApproximation(0.028 * viewY + 0.7 * noise(viewX * 0.03, viewY * 0.01))
      * smoothstep(-50, 20, viewY)
    let lock: Float
    let fine: Float
    if style.curl > 0 {
      lock = noise(viewX * 0.23, viewY * 0.23) + 0.5 * noise(viewX * 0.55, viewY * 0.55 + 4)
      fine = noise(viewX * 1.1, viewY * 1.1)
    } else if style.thickness < 3 {
      lock = 0.4 * noise(viewX * 0.3, viewY * 0.3)
      fine = 0.6 * noise(viewX * 1.3, viewY * 0.9)
    } else {
      u += 3.5 * noise(u * 0.06, down * 0.022) + 1.2 * noise(u * 0.2, down * 0.03 + 3)
      lock = 0.9 * noise(u * 0.1, down * 0.011) + 0.6 * noise(u * 0.29 + 9, down * 0.016)
      // Towards the parting strands converge below the size of a pixel.
      let resolved = smoothstep(1.1, 0.5, 0.75 * pixel / spread)
      fine = (0.9 * noise(u * 0.75, down * 0.025 + 5)) * resolved
    }

    let slope = x / spread * 26 / ((down + 26) * (down + 26))
    var normal = sample.normal
    normal.x += 0.22 * lock
    normal = normalized(normal)
    let strand = SIMD3<Float>(slope, 1, 0)
    let tangent = normalized(strand - normal * dot(strand, normal))
    let alongLight = dot(tangent, light.direction)
    let alongHalf = dot(tangent, light.halfway)
    let facing = max(0, dot(normal, light.direction) * 0.75 + 0.25)
    let diffuse = facing * max(0, 1 - alongLight * alongLight).squareRoot()
    var mirror = max(0, 1 - alongHalf * alongHalf)
    mirror *= mirror
    mirror *= mirror
    mirror *= mirror
    mirror *= facing * (0.55 + 0.45 * fine + 0.3 * lock) * gloss

    let depth = 0.55 + 0.45 * smoothstep(-1, 9, sample.fromSkin)
    let variation = max(0.25, 0.82 + 0.3 * lock + 0.24 * fine)
    let lit = (light.ambient * openness + light.key * (0.12 + 0.95 * diffuse)) * (variation * depth)
    let outline = 1 - max(0, normal.z)
    return color * lit
      + light.key * (color * 0.9 + LinearColor(repeating: 0.018)) * max(0, mirror)
      + light.rim * (color + LinearColor(repeating: 0.02)) * (outline * outline)
  }

  private func curtainOuter(_ viewY: Float) -> Float {
    shellHalfWidth + style.flare * smoothstep(-12, 75, viewY)
      - 4 * smoothstep(70, 130, viewY) - 3 * smoothstep(-8, -36, viewY)
  }

  /// Row of the hairline and its slope, at a distance from the middle of the head.
  private func hairline(_ x: Float, strandX: Float) -> (row: Float, slope: Float) {
    // The far temple is hidden behind the forehead, and its hair with it.
    let hidden = x * pose.sinYaw > 0 ? max(0.4, 1 - 1.5 * abs(pose.sinYaw)) : 1
    let ax = abs(x) * hidden * 45 / shell.halfWidth
    let toSide = (style.side * x + 14) / 46
    var row = style.hairline + 0.013 * ax * ax
    row -= style.recession * bump(ax, 0, 21, 0, 14, 1)
    let swept = max(0, min(1, toSide))
    row += style.sweep * swept * swept * (1.7 - 0.7 * swept)
    if let fringe = style.fringe {
      row = fringe + 0.004 * ax * ax + 2.6 * noise(strandX * 0.33, 1.7)
    } else {
      row += (style.thickness < 3 ? 0.8 : 1.8) * noise(strandX * 0.35, 1.7)
    }
    let (start, end): (Float, Float) = (24, 41)
    let t = max(0, min(1, (ax - start) / (end - start)))
    let drop = style.sideburn - row
    let slope = max(0, drop) * 6 * t * (1 - t) / (end - start)
    return (row + max(0, drop) * t * t * (3 - 2 * t), slope)
  }
}

/// The smaller of two distances, rounded where they are closer than `radius`.
@inline(__always)
private func smoothMinimum(_ a: Float, _ b: Float, radius: Float) -> Float {
  let h = max(0, radius - abs(a - b)) / radius
  return min(a, b) - 0.25 * h * h * radius
}

/// A wave of period 1 and height 1 made of parabolas.
@inline(__always)
func sinApproximation(_ turns: Float) -> Float {
  let t = turns - turns.rounded()
  return 8 * t * (1 - 2 * abs(t))
}

/// The colour of the skin over the face: blush, freckles, shadows of beard, and the beard itself.
struct SkinPigment: Sendable {
  private let identity: FaceIdentity
  private let mouth: MouthShape
  private let noise: LatticeNoise
  private let hair: LinearColor

  /// The skin of a person.
  init(of identity: FaceIdentity, mouth: MouthShape, noise: LatticeNoise) {
    self.identity = identity
    self.mouth = mouth
    self.noise = noise
    hair = identity.hairColor.color
  }

  /// The unlit colour at a point in the head's axes.
  func color(_ x: Float, _ y: Float) -> LinearColor {
    let ax = abs(x)
    let mottle = noise(x * 0.11, y * 0.11) + 0.6 * noise(x * 0.31 + 7, y * 0.31)
    let pores = noise(x * 1.1, y * 1.1)
    var color = identity.skin * (1 + 0.045 * mottle + 0.03 * pores)

    let red =
      identity.blush
      * (0.85 * bump(ax, y, 25, 20, 17, 14) + 0.5 * bump(x, y, 0, 25, 12, 8)
        + 0.25 * bump(x, y, 0, 60, 16, 11)) + 0.1 * max(0, mottle)
    color *= LinearColor(1, 1, 1) - min(1, red) * LinearColor(0.02, 0.22, 0.2)
    let socket = bump(ax, y, 18, 1.5, 16, 11)
    color *= LinearColor(1, 1, 1) - socket * LinearColor(0.14, 0.22, 0.18)
    let bag = bump(ax, y, 18.5, 8.5, 10, 4.5) * (0.25 + 0.75 * identity.age)
    color *= 1 - 0.2 * bag

    if identity.freckles > 0 {
      let area = bump(ax, y, 17, 18, 24, 18)
      let spot = smoothstep(0.42, 0.7, noise(x * 0.75, y * 0.75 + 11))
      color *=
        LinearColor(1, 1, 1) - identity.freckles * area * spot * LinearColor(0.22, 0.38, 0.45)
    }
    if identity.ruggedness > 0.5 { color = bearded(color, x: x, ax: ax, y: y) }
    return color
  }

  /// How dense the beard is at a point, 0...1, without texture.
  private func beardDensity(ax: Float, y: Float) -> (beard: Float, mustache: Float) {
    let clear = smoothstep(0.2, 2.6, mouth.distance(x: ax, y: y))
    let cheekLine = 27 - 24 * smoothstep(24, 41, ax) + 13 * bump(ax, 0, 15, 0, 13, 1)
    var beard = smoothstep(cheekLine - 2, cheekLine + 7, y)
    // Bare skin beside the lower lip.
    beard *= 1 - 0.3 * bump(ax, y, 9, mouth.row + mouth.opening + 9, 6, 5)
    let rise = mouth.upperEdge(x: ax) - y
    let side = ax / mouth.halfWidth
    let mustache =
      smoothstep(9.2 - 3.2 * side * side, 6 - 3.2 * side * side, rise) * smoothstep(-3, 0, rise)
      * smoothstep(1.3, 1.02, side) * (1 - 0.35 * smoothstep(1.6, 0.2, ax))
    return (beard * clear, mustache * clear)
  }

  private func bearded(_ color: LinearColor, x: Float, ax: Float, y: Float) -> LinearColor {
    guard y > 2 else { return color }
    let density = beardDensity(ax: ax, y: y)
    let around = smoothstep(20, 14, ax) * smoothstep(mouth.row - 6, mouth.row + 4, y)
    let full = max(identity.facialHair.beard, identity.facialHair.goatee * around) * density.beard
    let amount = max(full, identity.facialHair.mustache * density.mustache)
    let shadow = identity.facialHair.stubble * max(density.beard, 0.8 * density.mustache)

    let strands = noise(x * 0.8 + 0.2 * y, y * 0.26)
    let grain = noise(x * 1.4 + 3, y * 1.4)
    var result = color
    result = mix(
      result, mix(color * LinearColor(0.52, 0.53, 0.56), hair * 0.8, 0.3),
      shadow * (0.52 + 0.22 * grain))
    let coat = hair * max(0.2, 0.72 + 0.42 * strands + 0.15 * grain)
    let opaque = smoothstep(0.1, 0.65, amount + 0.22 * strands * min(1, 4 * amount))
    return mix(result, coat, 0.93 * opaque)
  }
}

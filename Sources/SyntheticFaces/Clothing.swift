import TensorCore

/// What a person wears around neck and shoulders.
struct Clothing: Sendable {
  private enum Neckline: Int, Sendable {
    case crew, vNeck, shirt, suit
  }

  /// The clothes at one point.
  struct Layer {
    /// Colour without light.
    var color: LinearColor
    /// Unit normal in the viewer's axes.
    var normal = SIMD3<Float>(0, 0, 1)
    /// 0 for bare skin, 1 for cloth.
    var coverage: Float = 0
  }

  private let neckline: Neckline
  private let color: LinearColor
  private let shirtColor: LinearColor
  private let tieColor: LinearColor
  private let hasTie: Bool
  private let row: Float
  private let stripes: Float

  /// Draws clothes.
  init(random: inout CounterBasedRandom) {
    neckline = Neckline(rawValue: random.integer(in: 0...3)) ?? .crew
    let cloth = clothColor(random: &random)
    color = neckline == .suit ? cloth * 0.35 : cloth
    shirtColor = mix(
      LinearColor(repeating: random.uniform(0.55, 0.8)), clothColor(random: &random),
      random.uniform(0, 0.4))
    tieColor = clothColor(random: &random)
    hasTie = random.uniform() < 0.5
    row = random.uniform(75, 82)
    stripes = neckline != .suit && random.uniform() < 0.2 ? random.uniform(0.3, 0.7) : 0
  }

  /// Whether a tie is worn.
  var hasNecktie: Bool { neckline == .suit && hasTie }

  /// The clothes at a point.
  ///
  /// `x` is counted from the neck's axis, `y` from the row of the eyes.
  func layer(
    x: Float, y: Float, neckHalfWidth: Float, pixel: Float, noise: LatticeNoise
  ) -> Layer {
    let ax = abs(x)
    let slope = max(0, ax - neckHalfWidth)
    let shoulder = row - 4 + 0.0052 * slope * slope + 0.16 * slope
    let opening = ax < neckHalfWidth + 6 ? openingRow(ax) : -1000
    let distance = max(shoulder - y, opening - y)
    var layer = Layer(color: color)
    layer.coverage = coverage(distance, softness: pixel * 1.3)
    guard layer.coverage > 0 else { return layer }

    let folds = noise.fractal(x * 0.06 + 40, y * 0.03)
    if stripes > 0 {
      layer.color *= 1 - stripes * smoothstep(-0.2, 0.2, noise(3.5, y * 0.22))
    }
    switch neckline {
    case .crew:
      // A ribbed edge around the neck.
      layer.color *= 1 - 0.25 * smoothstep(1.6, 0, abs(y - opening - 4.5))
    case .vNeck:
      layer.color *= 1 - 0.25 * smoothstep(1.6, 0, abs(y - opening - 5))
    case .shirt:
      layer.color = collared(layer.color, ax: ax, y: y, opening: opening, pixel: pixel)
      layer.color *= 1 - 0.3 * smoothstep(1.1, 0.2, abs(x - 2.5))
    case .suit:
      let edge = ax - 29 + 0.82 * (y - row + 4)
      var shirt = collared(shirtColor, ax: ax, y: y, opening: opening, pixel: pixel)
      if hasTie {
        let tie = coverage(ax - 3.2 - 0.07 * (y - row), softness: 0.8 + pixel)
        shirt = mix(shirt, tieColor * (1 - 0.04 * ax), tie)
      }
      let lapel = 0.7 + 0.45 * coverage(edge - 13, softness: 2)
      let jacket = layer.color * (lapel - 0.3 * smoothstep(1.5, 0, abs(edge - 13)))
      let shade = 1 - 0.4 * smoothstep(-5, 0, edge)
      layer.color = mix(jacket, shirt * shade, coverage(edge, softness: 0.8 + pixel))
    }
    layer.color *= 1 + 0.3 * folds
    layer.normal = normalized(SIMD3(x / 90 + 0.25 * folds, -0.45 + 0.2 * folds, 0.85))
    return layer
  }

  /// Row at which the cloth begins under the chin.
  private func openingRow(_ ax: Float) -> Float {
    switch neckline {
    case .crew: row + 6 - 0.011 * ax * ax
    case .vNeck: row + 24 - 0.95 * ax
    case .shirt: row + 13 - 0.8 * ax
    case .suit: row + (hasTie ? 4 : 12) - (hasTie ? 0.45 : 0.75) * ax
    }
  }

  /// A shirt with the two flaps of its collar.
  private func collared(
    _ cloth: LinearColor, ax: Float, y: Float, opening: Float, pixel: Float
  ) -> LinearColor {
    let fold = y - opening - 9 - 0.25 * ax
    let flap = coverage(fold, softness: 1 + pixel)
    let seam = smoothstep(4, 0, fold) * (1 - flap)
    return cloth * (0.88 + 0.14 * flap - 0.35 * seam)
  }
}

import TensorCore

/// The unsharp background of a portrait.
struct Backdrop: Sendable {
  /// What stands behind the person.
  enum Kind: Int, Sendable {
    case studio, bokeh, panels, foliage, horizon
  }

  /// A disc of light out of focus.
  private struct Disc {
    var (x, y, radius): (Float, Float, Float)
    var color: LinearColor
  }

  private let kind: Kind
  private let upper: LinearColor
  private let lower: LinearColor
  private let accent: LinearColor
  private let slant: Float
  private let period: Float
  private let phase: Float
  private let glow: SIMD2<Float>
  private let discs: [Disc]
  private let noise: LatticeNoise

  /// Draws a background.
  init(random: inout CounterBasedRandom) {
    let kinds: [Kind] = [.studio, .studio, .bokeh, .bokeh, .panels, .panels, .foliage, .horizon]
    kind = kinds[random.integer(in: 0...7)]
    let hue = random.uniform()
    let bright = random.uniform()
    let value = bright < 0.45 ? random.uniform(0.08, 0.35) : random.uniform(0.45, 0.92)
    let saturation = random.uniform(0.03, 0.5)
    switch kind {
    case .foliage:
      upper = squared(
        hueColor(
          random.uniform(0.18, 0.33), saturation: 0.5, value: 0.35 + 0.5 * value))
      lower = squared(
        hueColor(random.uniform(0.22, 0.4), saturation: 0.6, value: 0.25 + 0.4 * value))
    case .horizon:
      upper = squared(hueColor(random.uniform(0.53, 0.62), saturation: 0.35, value: 0.85))
      lower = squared(hueColor(random.uniform(0.05, 0.5), saturation: 0.35, value: 0.5))
    default:
      upper = squared(hueColor(hue, saturation: saturation, value: value))
      lower = squared(
        hueColor(
          hue + random.uniform(0, 0.2), saturation: saturation,
          value: value * random.uniform(0.4, 1)))
    }
    accent = squared(
      hueColor(
        random.uniform(), saturation: random.uniform(0.1, 0.6), value: random.uniform(0.3, 1)))
    slant = random.uniform(-0.5, 0.5)
    period = random.uniform(28, 90)
    phase = random.uniform(0, 90)
    glow = SIMD2(random.uniform(10, 168), random.uniform(0, 120))
    var discs: [Disc] = []
    if kind == .bokeh {
      for _ in 0..<random.integer(in: 7...16) {
        let tone = hueColor(
          hue + random.uniform(-0.15, 0.25) + 1, saturation: random.uniform(0.1, 0.7),
          value: random.uniform(0.4, 1))
        discs.append(
          Disc(
            x: random.uniform(-5, 183), y: random.uniform(-5, 200), radius: random.uniform(6, 24),
            color: squared(tone) * random.uniform(0.15, 0.5)))
      }
    }
    self.discs = discs
    noise = LatticeNoise(salt: random.nextWord())
  }

  /// The colour that the background throws on the person.
  var meanColor: LinearColor {
    mix(upper, lower, 0.5)
  }

  /// The background at a point of the 178x218 picture.
  func color(x: Float, y: Float) -> LinearColor {
    let t = smoothstep(-20, 230, y + slant * (x - 89))
    let base = mix(upper, lower, t)
    switch kind {
    case .studio:
      let (u, v) = ((x - glow.x) / 120, (y - glow.y) / 120)
      let light = 0.62 + 0.75 / (1 + 2.2 * (u * u + v * v))
      return base * (light + 0.05 * noise.fractal(x * 0.03, y * 0.03))
    case .bokeh:
      var result = base * (0.6 + 0.25 * noise(x * 0.018, y * 0.018))
      for disc in discs {
        let (u, v) = (x - disc.x, y - disc.y)
        let distance = (u * u + v * v).squareRoot() - disc.radius
        guard distance < 4 else { continue }
        // Discs of a real lens are a little brighter at their rim.
        let edge = 0.75 + 0.25 * smoothstep(-0.6 * disc.radius, 0, distance)
        result += disc.color * (coverage(distance, softness: 6) * edge)
      }
      return result
    case .panels:
      let position = (x + slant * 40 * (y / 109 - 1) + phase) / period
      let wave = position - position.rounded(.down)
      let band = smoothstep(0.08, 0.2, wave) * smoothstep(0.72, 0.6, wave)
      let shelf = smoothstep(52, 60, y + 12 * noise(position.rounded(.down), 3))
      let shade = 0.75 + 0.3 * noise(x * 0.02, y * 0.02)
      return mix(base, accent, band * mix(0.25, 0.75, shelf)) * shade
    case .foliage:
      let leaves = noise.fractal(x * 0.045, y * 0.045)
      let light = smoothstep(-0.1, 0.9, noise(x * 0.035 + 31, y * 0.035 - 12) + 0.4 * leaves)
      return base * (0.85 + 0.6 * leaves) + LinearColor(0.62, 0.7, 0.38) * (0.28 * light)
    case .horizon:
      let edge = 95 + 30 * slant + 10 * noise(x * 0.03, 1.5)
      let ground = lower * (0.8 + 0.5 * noise.fractal(x * 0.04, y * 0.07))
      let sky = upper * (0.72 + 0.35 * smoothstep(0, 130, y) + 0.12 * noise(x * 0.02, y * 0.04))
      return mix(sky, ground, smoothstep(-9, 9, y - edge))
    }
  }
}

private func squared(_ color: LinearColor) -> LinearColor {
  color * color
}

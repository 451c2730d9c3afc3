import TensorCore

/// A colour in linear light, red, green and blue, 1 = white.
typealias LinearColor = SIMD3<Float>

/// `a` at t = 0, `b` at t = 1, linear in between and beyond.
@inline(__always)
func mix(_ a: LinearColor, _ b: LinearColor, _ t: Float) -> LinearColor {
  a + (b - a) * t
}

/// A colour from 8-bit display values, taking the display's transfer curve to be a square.
func displayColor(_ red: Float, _ green: Float, _ blue: Float) -> LinearColor {
  let value = LinearColor(red, green, blue) / 255
  return value * value
}

/// A display colour from hue, saturation and value, each in [0, 1].
func hueColor(_ hue: Float, saturation: Float, value: Float) -> LinearColor {
  func channel(_ offset: Float) -> Float {
    let position = (hue + offset).truncatingRemainder(dividingBy: 1) * 6
    let level = max(0, min(1, abs(position - 3) - 1))
    return value * (1 - saturation + saturation * level)
  }
  return LinearColor(channel(0), channel(2.0 / 3), channel(1.0 / 3))
}

/// Draws the colour of a cloth: often dark or muted, at times vivid.
func clothColor(random: inout CounterBasedRandom) -> LinearColor {
  let hue = random.uniform()
  let kind = random.uniform()
  let value = kind < 0.45 ? random.uniform(0.08, 0.3) : random.uniform(0.35, 0.85)
  let saturation = kind < 0.7 ? random.uniform(0, 0.35) : random.uniform(0.4, 0.8)
  let color = hueColor(hue, saturation: saturation, value: value)
  return color * color
}

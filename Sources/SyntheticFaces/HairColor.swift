import TensorCore

/// The colour of a person's hair.
struct HairColor: Sendable {
  /// The colours that the attribute list can name, and red, which it cannot.
  enum Kind: Sendable {
    case black, brown, blond, gray, red
  }

  /// The named colour.
  let kind: Kind
  /// Colour of a lit strand.
  let color: LinearColor

  /// Draws a colour that goes with skin and age.
  init(melanin: Float, age: Float, random: inout CounterBasedRandom) {
    let shade = random.uniform(0.8, 1.25)
    let variation = random.uniform()
    if age > 0.55, random.uniform() < 1.4 * (age - 0.45) + 0.25 {
      kind = .gray
      color = mix(displayColor(132, 128, 124), displayColor(214, 210, 204), variation)
      return
    }
    let choice = random.uniform() - 1.1 * max(0, melanin - 0.25)
    switch choice {
    case ..<0.22:
      kind = .black
      color = mix(displayColor(34, 29, 28), displayColor(54, 43, 38), variation) * shade
    case ..<0.62:
      kind = .brown
      color = mix(displayColor(74, 47, 31), displayColor(136, 92, 58), variation) * shade
    case ..<0.9:
      kind = .blond
      color = mix(displayColor(182, 138, 84), displayColor(232, 203, 150), variation) * shade
    default:
      kind = .red
      color = mix(displayColor(134, 58, 30), displayColor(184, 96, 52), variation) * shade
    }
  }
}

import TensorCore

/// The light of one picture.
struct SceneLight: Sendable {
  /// Unit vector towards the key light, in the viewer's axes.
  var direction: SIMD3<Float>
  /// Colour and strength of the key light.
  var key: LinearColor
  /// Light from all sides.
  var ambient: LinearColor
  /// Light from behind, seen at the outline opposite to the key light.
  var rim: LinearColor
  /// The unit vector half way between key light and viewer.
  var halfway: SIMD3<Float>

  /// Draws a light, tinting the ambient part with the colour around the person.
  init(surroundings: LinearColor, random: inout CounterBasedRandom) {
    let angle = random.uniform(-1, 1)
    let side = (angle < 0 ? -1 : 1) * (0.15 + 0.75 * angle.magnitude)
    direction = normalized(SIMD3(side, random.uniform(-0.95, -0.15), random.uniform(0.7, 1.15)))
    halfway = normalized(direction + SIMD3(0, 0, 1))
    let strength = random.uniform(0.68, 0.98)
    let warmth = random.uniform(-0.5, 1)
    key = strength * LinearColor(1 + 0.08 * warmth, 1, 1 - 0.13 * warmth)
    let tint = surroundings / max(0.08, (surroundings.x + surroundings.y + surroundings.z) / 3)
    ambient = random.uniform(0.2, 0.4) * mix(LinearColor(0.94, 0.98, 1.06), tint, 0.22)
    rim =
      random.uniform() < 0.5
      ? LinearColor() : random.uniform(0.15, 0.5) * mix(LinearColor(1, 1, 1), tint, 0.4)
  }
}

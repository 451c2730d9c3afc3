import TensorCore

/// The cut of a person's hair, as the lengths from which it is drawn.
///
/// Lengths are in pixels of the 178x218 picture.
struct HairStyle: Sendable {
  /// Whether the crown is bare.
  var isBald = false
  /// Height of the hair over the skull.
  var thickness: Float = 5
  /// Row of the hairline over the middle of the forehead.
  var hairline: Float = -46
  /// How far the hairline recedes beside the middle.
  var recession: Float = 0
  /// Row at which the hair in front of the ears ends.
  var sideburn: Float = 4
  /// Which side the hair is combed to, -1 or 1.
  var side: Float = 1
  /// How far the swept hair hangs into the forehead on `side`.
  var sweep: Float = 0
  /// Row at which a straight fringe ends; nil without a fringe.
  var fringe: Float?
  /// Row at which hair beside the face ends; nil if the hair ends above the ears.
  var length: Float?
  /// How much long hair widens on its way down.
  var flare: Float = 0
  /// Amplitude of the waves of the strands.
  var wave: Float = 0
  /// 0 for strands, 1 for tight curls.
  var curl: Float = 0

  /// Draws a cut.
  init(ruggedness: Float, age: Float, melanin: Float, random: inout CounterBasedRandom) {
    side = random.uniform() < 0.5 ? -1 : 1
    hairline = random.uniform(-49, -43)
    let choice = random.uniform()
    if ruggedness > 0.5 {
      recession = random.uniform(0, 8) + 8 * age
      if choice < 0.1 + 0.12 * age {
        isBald = true
        thickness = 1.5
        hairline = -100
        sideburn = random.uniform() < 0.5 ? -60 : 2
      } else if choice < 0.3 {
        thickness = random.uniform(1.2, 2.6)
      } else if choice < 0.75 {
        thickness = random.uniform(4, 9)
        sweep = random.uniform(0, 16)
        wave = random.uniform(0, 1.2)
      } else if choice < 0.88 {
        thickness = random.uniform(5, 8)
        sweep = random.uniform(8, 22)
        length = random.uniform(22, 60)
        wave = random.uniform(0.5, 2.5)
      } else {
        thickness = random.uniform(5, 12)
        curl = 1
      }
    } else {
      if choice < 0.12 {
        thickness = random.uniform(4, 6)
        sweep = random.uniform(2, 10)
      } else if choice < 0.2 + 0.15 * melanin {
        thickness = random.uniform(9, 17)
        curl = 1
      } else {
        thickness = random.uniform(5, 9)
        length = random.uniform() < 0.3 ? random.uniform(38, 62) : random.uniform(80, 130)
        flare = random.uniform(-2, 13)
        wave = random.uniform() < 0.45 ? random.uniform(0, 0.8) : random.uniform(1.5, 4)
        if random.uniform() < 0.3 {
          fringe = random.uniform(-21, -13)
        } else {
          sweep = random.uniform(2, 24)
        }
      }
    }
  }
}

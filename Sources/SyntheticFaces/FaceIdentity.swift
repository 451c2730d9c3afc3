import TensorCore

/// What stays the same in all pictures of one synthetic person.
///
/// Lengths are in pixels of the 178x218 picture; see `HeadPose` for the axes.
struct FaceIdentity: Sendable {
  /// 0 for soft features, 1 for rugged ones: jaw, brows, lips, beard and hair length follow it.
  var ruggedness: Float
  /// 0 for a young adult, 1 for an old person.
  var age: Float
  /// 0 for the palest skin, 1 for the darkest.
  var melanin: Float
  /// Colour of the skin without blush or shadow.
  var skin: LinearColor
  /// Strength of the red of cheeks and nose, 0...1.
  var blush: Float
  /// Density of freckles, 0...1.
  var freckles: Float

  /// Shape of skull and jaw.
  var head: Superellipsoid
  /// Half width of the neck.
  var neckHalfWidth: Float

  /// Scale of the eye opening, about 1.
  var eyeSize: Float
  /// Rise of the outer corner of the eye over its width.
  var eyeTilt: Float
  /// Colour of the iris.
  var iris: LinearColor
  /// Half thickness of the brow, about 1...2.6.
  var browThickness: Float
  /// Height of the brow's arch.
  var browArch: Float
  /// Distance from the eye to the brow.
  var browHeight: Float

  /// Scale of the nose's width, about 1.
  var noseWidth: Float
  /// Height of the nose's tip over the face, about 9...14.
  var noseProjection: Float
  /// Half width of the mouth at rest.
  var mouthHalfWidth: Float
  /// Fullness of the lips, about 0.6...1.5.
  var lipFullness: Float
  /// Strength of the lipstick, 0 for none.
  var lipstick: Float
  /// Colour of the lipstick.
  var lipstickColor: LinearColor

  /// Colour of the hair.
  var hairColor: HairColor
  /// Cut of the hair.
  var hairStyle: HairStyle
  /// Beard and moustache.
  var facialHair: FacialHair
  /// Whether this person tends to wear glasses.
  var wearsGlasses: Bool

  /// Draws a person.
  init(random: inout CounterBasedRandom) {
    let rugged = random.uniform() < 0.5
    ruggedness = rugged ? random.uniform(0.6, 1) : random.uniform(0, 0.35)
    age = random.uniform() < 0.72 ? random.uniform(0, 0.4) : random.uniform(0.4, 1)

    melanin = random.uniform() < 0.62 ? random.uniform(0, 0.4) : random.uniform(0.35, 1)
    let warmth = random.uniform(-1, 1)
    skin = FaceIdentity.skinColor(melanin: melanin, warmth: warmth)
    blush = random.uniform(0.15, 0.9) * (1 - 0.6 * melanin)
    freckles = melanin < 0.3 && random.uniform() < 0.22 ? random.uniform(0.4, 1) : 0

    head = Superellipsoid(
      halfWidth: random.uniform(40, 44) + 1.5 * ruggedness,
      halfDepth: random.uniform(44, 49),
      centerY: -11,
      upperRadius: random.uniform(58, 64),
      lowerRadius: random.uniform(73, 79) + 2.5 * ruggedness,
      upperSquareness: 0.2,
      lowerSquareness: random.uniform(0.1, 0.5) + 0.55 * ruggedness)
    neckHalfWidth = random.uniform(21, 25) + 6 * ruggedness

    eyeSize = random.uniform(0.9, 1.1) - 0.08 * ruggedness
    eyeTilt = random.uniform(-0.04, 0.12)
    browThickness = random.uniform(1.0, 1.6) + 0.9 * ruggedness
    browArch = random.uniform(2, 4.2) - 1.5 * ruggedness
    browHeight = random.uniform(12.5, 15) - 1.5 * ruggedness

    noseWidth = random.uniform(0.85, 1.1) + 0.12 * melanin + 0.08 * ruggedness
    noseProjection = random.uniform(9, 12) + 1.5 * ruggedness
    mouthHalfWidth = random.uniform(14.3, 16.2) + 0.6 * ruggedness
    lipFullness = random.uniform(0.8, 1.2) + 0.3 * melanin - 0.25 * ruggedness
    lipstick = ruggedness < 0.4 && random.uniform() < 0.6 ? random.uniform(0.4, 1) : 0
    lipstickColor = FaceIdentity.lipstickColors[random.integer(in: 0...4)]

    hairColor = HairColor(melanin: melanin, age: age, random: &random)
    iris = FaceIdentity.irisColor(melanin: melanin, random: &random)
    hairStyle = HairStyle(ruggedness: ruggedness, age: age, melanin: melanin, random: &random)
    facialHair = FacialHair(ruggedness: ruggedness, random: &random)
    wearsGlasses = random.uniform() < 0.12 + 0.15 * age
  }

  private static let lipstickColors = [
    displayColor(176, 34, 44), displayColor(150, 40, 70), displayColor(205, 92, 98),
    displayColor(186, 74, 66), displayColor(120, 30, 44),
  ]

  private static func skinColor(melanin: Float, warmth: Float) -> LinearColor {
    let tones = [
      displayColor(243, 212, 196), displayColor(232, 190, 163), displayColor(214, 164, 130),
      displayColor(186, 133, 98), displayColor(143, 96, 68), displayColor(98, 64, 48),
    ]
    let position = melanin * Float(tones.count - 1)
    let lower = min(Int(position), tones.count - 2)
    let tone = mix(tones[lower], tones[lower + 1], position - Float(lower))
    return tone * LinearColor(1 + 0.04 * warmth, 1, 1 - 0.08 * warmth)
  }

  private static func irisColor(
    melanin: Float, random: inout CounterBasedRandom
  ) -> LinearColor {
    let choice = random.uniform() + 0.9 * melanin
    let shade = random.uniform(0.85, 1.2)
    return switch choice {
    case ..<0.28: displayColor(98, 140, 178) * shade
    case ..<0.42: displayColor(112, 146, 118) * shade
    case ..<0.58: displayColor(136, 112, 66) * shade
    case ..<0.9: displayColor(104, 68, 38) * shade
    default: displayColor(66, 42, 28) * shade
    }
  }
}

import TensorCore

/// Beard, moustache and stubble, each from 0 (none) to 1 (dense).
struct FacialHair: Sendable {
  /// Hair on jaw and chin.
  var beard: Float = 0
  /// Hair around the chin only.
  var goatee: Float = 0
  /// Hair between nose and mouth.
  var mustache: Float = 0
  /// The shadow of a shaved beard.
  var stubble: Float = 0

  /// Draws facial hair.
  init(ruggedness: Float, random: inout CounterBasedRandom) {
    guard ruggedness > 0.5 else { return }
    stubble = random.uniform(0, 0.55)
    switch random.uniform() {
    case ..<0.24:
      beard = random.uniform(0.6, 1)
      mustache = beard
    case ..<0.38:
      goatee = random.uniform(0.6, 1)
      mustache = goatee
    case ..<0.46: mustache = random.uniform(0.7, 1)
    case ..<0.66: stubble = random.uniform(0.6, 1)
    default: break
    }
  }
}

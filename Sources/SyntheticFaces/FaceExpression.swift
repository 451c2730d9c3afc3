import TensorCore

/// What the face of one picture expresses.
struct FaceExpression: Sendable {
  /// 0 for a neutral mouth, 1 for a broad smile.
  var smile: Float
  /// Opening of the lips at the middle of the mouth, in pixels of the 178x218 picture.
  var mouthOpening: Float
  /// Where the eyes look: shift of the iris in pixels.
  var gaze: SIMD2<Float>
  /// Scale of the eye's opening, about 1.
  var eyeOpening: Float
  /// Shift of the brows, positive up.
  var browRaise: Float

  /// Draws an expression.
  init(random: inout CounterBasedRandom) {
    smile = random.uniform() < 0.62 ? random.uniform(0.45, 1) : random.uniform(0, 0.35)
    if smile > 0.5, random.uniform() < 0.65 {
      mouthOpening = random.uniform(3.5, 7)
    } else if random.uniform() < 0.15 {
      mouthOpening = random.uniform(1.5, 7)
    } else {
      mouthOpening = 0
    }
    gaze = SIMD2(random.uniform(-1.3, 1.3), random.uniform(-0.5, 0.6))
    eyeOpening = random.uniform(0.88, 1.12) - 0.16 * max(0, smile)
    browRaise = random.uniform(-0.8, 1.6)
  }
}

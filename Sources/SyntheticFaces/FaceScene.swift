import TensorCore

/// Everything that one picture shows.
struct FaceScene: Sendable {
  var identity: FaceIdentity
  var expression: FaceExpression
  var pose: HeadPose
  var backdrop: Backdrop
  var light: SceneLight
  var clothing: Clothing
  var glasses: Glasses?
  var hat: Hat?
  /// Remaining tilt in radians, relative size and shift in pixels after alignment.
  var alignmentError: (roll: Float, scale: Float, x: Float, y: Float)
  /// Brightness and amount of film noise.
  var (exposure, grain): (Float, Float)
  /// Chooses the noise of hair, skin and background.
  var noiseSalt: UInt32

  /// Draws a picture of a person.
  init(of identity: FaceIdentity, random: inout CounterBasedRandom) {
    self.identity = identity
    expression = FaceExpression(random: &random)
    // The sum of two uniform numbers: most heads look at the camera, some far past it.
    let yaw = random.uniform(-0.27, 0.27) + random.uniform(-0.22, 0.22)
    let pitch = random.uniform(-0.09, 0.09) + random.uniform(-0.07, 0.09)
    pose = HeadPose(yaw: yaw, pitch: pitch)
    backdrop = Backdrop(random: &random)
    light = SceneLight(surroundings: backdrop.meanColor, random: &random)
    clothing = Clothing(random: &random)
    let glassesChance: Float = identity.wearsGlasses ? 0.75 : 0.03
    glasses = random.uniform() < glassesChance ? Glasses(random: &random) : nil
    hat = random.uniform() < 0.07 ? Hat(random: &random) : nil
    alignmentError = (
      random.uniform(-0.07, 0.07), random.uniform(0.96, 1.04), random.uniform(-1.5, 1.5),
      random.uniform(-1.5, 1.5)
    )
    exposure = random.uniform(0.85, 1.2)
    grain = random.uniform(0.002, 0.012)
    noiseSalt = random.nextWord()
  }
}

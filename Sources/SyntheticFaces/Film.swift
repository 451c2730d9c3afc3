/// Turns linear light into display values, as a camera would.
struct Film: Sendable {
  private let exposure: Float
  private let grain: Float
  private let noise: LatticeNoise

  /// - Parameters:
  ///   - exposure: Factor on the light.
  ///   - grain: Standard size of the noise, 1 = white.
  ///   - salt: Chooses the noise.
  init(exposure: Float, grain: Float, salt: UInt32) {
    self.exposure = exposure
    self.grain = grain
    noise = LatticeNoise(salt: salt)
  }

  /// Applies exposure, roll-off of highlights, noise and the display's transfer curve.
  func developed(_ light: LinearColor, row: Int, column: Int) -> SIMD3<UInt8> {
    var value = light * exposure
    value.replace(with: 0, where: value .< .zero)
    let shoulder: Float = 0.6
    let over = value - shoulder
    let rolled = shoulder + (1 - shoulder) * over / (over + (1 - shoulder))
    value.replace(with: rolled, where: over .> .zero)

    let (x, y) = (Int32(truncatingIfNeeded: column), Int32(truncatingIfNeeded: row))
    let grey = noise.lattice(x, y)
    let color = SIMD3(
      noise.lattice(x &+ 100_003, y), noise.lattice(x, y &+ 100_003),
      noise.lattice(x &- 100_003, y))
    let display = value.squareRoot() + grain * (1.3 * grey + 0.8 * color)
    let level = (255 * display + 0.5).clamped(
      lowerBound: LinearColor(), upperBound: LinearColor(repeating: 255))
    return SIMD3(UInt8(level.x), UInt8(level.y), UInt8(level.z))
  }
}

/// Smooth noise over the plane: random values on the integer lattice, interpolated.
///
/// A pure function of the salt and the position, so that it can be evaluated at any pixel in any
/// order.
struct LatticeNoise: Sendable {
  /// Chooses the noise field.
  let salt: UInt32

  /// The random value of one lattice point, uniform on [-1, 1).
  @inline(__always)
  func lattice(_ column: Int32, _ row: Int32) -> Float {
    var h =
      (UInt32(bitPattern: column) &* 0x9E37_79B1) ^ (UInt32(bitPattern: row) &* 0x85EB_CA77) ^ salt
    h ^= h >> 15
    h = h &* 0x2C1B_3C6D
    h ^= h >> 12
    h = h &* 0x297A_2D39
    h ^= h >> 15
    return Float(Int32(bitPattern: h)) * 0x1p-31
  }

  /// Noise with features about one unit across, in [-1, 1], mean 0.
  @inline(__always)
  func callAsFunction(_ x: Float, _ y: Float) -> Float {
    let (column, row) = (floor(x), floor(y))
    let (u, v) = (x - Float(column), y - Float(row))
    let (s, t) = (u * u * (3 - 2 * u), v * v * (3 - 2 * v))
    let top = mix(lattice(column, row), lattice(column &+ 1, row), s)
    let bottom = mix(lattice(column, row &+ 1), lattice(column &+ 1, row &+ 1), s)
    return mix(top, bottom, t)
  }

  /// Three octaves of noise, in about [-1, 1].
  func fractal(_ x: Float, _ y: Float) -> Float {
    0.57 * self(x, y) + 0.29 * self(x * 2.03 + 17.1, y * 2.03 - 5.3)
      + 0.14 * self(x * 4.01 - 9.7, y * 4.01 + 3.1)
  }

  /// The largest integer not above x. (`rounded(.down)` is a call on processors without SSE 4.1.)
  @inline(__always)
  private func floor(_ x: Float) -> Int32 {
    let truncated = Int32(x)
    return x < Float(truncated) ? truncated &- 1 : truncated
  }
}

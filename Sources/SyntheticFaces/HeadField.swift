/// The face's surface at every pixel, for what needs neighbours: slopes and shadows.
struct HeadField: Sendable {
  /// The surface at one pixel.
  struct Point: Sendable {
    /// Position on the face, in the head's axes.
    var (x, y): (Float, Float) = (0, 0)
    /// Height of the relief.
    var height: Float = 0
    /// Distance to the viewer's side; far away outside the head.
    var depth: Float = -1000
    /// Signed distance to the head's outline.
    var distance: Float = 1000
    /// Unit normal of the smooth head.
    var normal = SIMD3<Float>(0, 0, 1)
  }

  private let frame: PixelFrame
  private let points: [Point]

  /// Intersects all lines of sight with the face.
  init(frame: PixelFrame, projection: HeadProjection) {
    self.frame = frame
    var points = [Point](repeating: Point(), count: frame.width * frame.height)
    let reach = projection.head.halfWidth + 16
    for row in 0..<frame.height {
      for column in 0..<frame.width {
        let view = frame.view(frame.reference(row: row, column: column))
        guard abs(view.x) < reach, view.y > -84, view.y < 96 else { continue }
        let index = row * frame.width + column
        let base = projection.head.hit(view.x, view.y, projection.pose)
        guard base.distance < 4 else {
          points[index].distance = base.distance
          continue
        }
        let surface = projection.surface(over: base)
        points[index] = Point(
          x: surface.x, y: surface.y, height: surface.height,
          depth: base.depth + surface.height * projection.pose.cosYaw, distance: base.distance,
          normal: base.normal)
        if base.distance > 1 { points[index].depth = -1000 }
      }
    }
    self.points = points
  }

  @inline(__always)
  subscript(row: Int, column: Int) -> Point {
    points[row * frame.width + column]
  }

  /// The unit normal of the face with its relief, in the viewer's axes.
  @inline(__always)
  func normal(row: Int, column: Int) -> SIMD3<Float> {
    let (left, right) = (max(0, column - 1), min(frame.width - 1, column + 1))
    let (top, bottom) = (max(0, row - 1), min(frame.height - 1, row + 1))
    let step = 2 * frame.pixel
    let slopeX = (self[row, right].height - self[row, left].height) / step
    let slopeY = (self[bottom, column].height - self[top, column].height) / step
    let base = self[row, column].normal
    // Steep slopes are flattened: skin scatters light around small forms.
    let soften = max(0.15, base.z) / (1 + 0.45 * (slopeX * slopeX + slopeY * slopeY).squareRoot())
    return normalized(base - soften * SIMD3(slopeX, slopeY, 0))
  }

  /// How much of the key light reaches a pixel past the face itself, 0...1.
  @inline(__always)
  func shadow(row: Int, column: Int, light: SIMD3<Float>) -> Float {
    let start = self[row, column].depth
    var blocked: Float = 0
    for reach: Float in [3, 6, 10, 15] {
      let rowStep = Int(light.y * reach * frame.scale)
      let columnStep = Int(light.x * reach * frame.scale)
      let (r, c) = (row + rowStep, column + columnStep)
      guard r >= 0, r < frame.height, c >= 0, c < frame.width else { break }
      let above = self[r, c].depth - start - light.z * reach
      blocked = max(blocked, smoothstep(-0.8, 3.2, above))
    }
    return 1 - 0.8 * blocked
  }

  /// The signed distance to the head's outline at a pixel some way off, in the view's pixels.
  @inline(__always)
  func distance(row: Int, column: Int, offset: SIMD2<Float>) -> Float {
    let r = row + Int(offset.y * frame.scale)
    let c = column + Int(offset.x * frame.scale)
    guard r >= 0, r < frame.height, c >= 0, c < frame.width else { return 1000 }
    return self[r, c].distance
  }
}

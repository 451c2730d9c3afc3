/// Which point of a turned face is seen where.
struct HeadProjection: Sendable {
  let head: Superellipsoid
  let pose: HeadPose
  let relief: FaceRelief

  /// The point of the face on one line of sight.
  struct Surface {
    /// Position on the face, in the head's axes.
    var (x, y): (Float, Float)
    /// Height of the relief.
    var height: Float
  }

  /// Finds the point of the face that is seen where a line of sight meets the smooth head.
  @inline(__always)
  func surface(over base: Superellipsoid.Hit) -> Surface {
    var (x, y) = (base.x, base.y)
    var height = relief(x, y)
    // A raised point appears shifted along the turn: two rounds of correction are enough for
    // slopes of a face.
    for _ in 0..<2 {
      x = base.x - height * pose.sinYaw
      y = base.y - height * pose.sinPitch
      height = relief(x, y)
    }
    return Surface(x: x, y: y, height: height)
  }

  /// Finds where in the view a point of the face is seen.
  func view(ofX x: Float, y: Float) -> SIMD2<Float> {
    var view = SIMD2(x * pose.cosYaw, y)
    for _ in 0..<16 {
      let seen = surface(over: head.hit(view.x, view.y, pose))
      view += 0.8 * SIMD2(x - seen.x, y - seen.y)
    }
    return view
  }
}

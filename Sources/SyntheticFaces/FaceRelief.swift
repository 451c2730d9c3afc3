import Foundation

/// The height of brows, nose, cheeks, lips and chin over the smooth head.
///
/// Positions are in the head's axes: x to the right of the nose's axis, y down from the line of the
/// eyes, both in pixels of the 178x218 picture; a height of one is one pixel towards the front.
struct FaceRelief: Sendable {
  private let identity: FaceIdentity
  private let smile: Float
  private let mouth: MouthShape
  private let wrinkles: Float

  /// The relief of a person with an expression.
  init(of identity: FaceIdentity, expression: FaceExpression, mouth: MouthShape) {
    self.identity = identity
    self.mouth = mouth
    smile = max(0, expression.smile)
    wrinkles = 0.5 * max(0, identity.age - 0.25)
  }

  /// The height at a point.
  func callAsFunction(_ x: Float, _ y: Float) -> Float {
    let ax = abs(x)
    guard y > -62, y < 72, ax < 44 else { return 0 }
    var height: Float = 0
    if y < 14 {
      height += (2 + 1.4 * identity.ruggedness) * bump(ax, y, 15, -10.5, 21, 9)
      height -= 6.5 * bump(ax, y, 17, 0, 17, 12)
      height += 4 * bump(ax, y, 19.5, 0.3, 11.5, 8.5)
      height += 1.6 * bump(x, y, 0, -34, 34, 22)
      height -= 1.5 * bump(ax, y, 43, -12, 12, 22)
      if wrinkles > 0, y < -16 {
        height += wrinkles * sin(0.95 * y + 0.08 * ax) * bump(x, y, 0, -30, 30, 13)
      }
    }
    height += nose(ax, y)
    let cheek = bump(ax, y, 25, 20 - 3 * smile, 19, 17)
    height += (2.2 + 2.4 * smile) * cheek
    if y > 22 {
      height += 4 * bump(x, y, 0, 41, 27, 20)
      height += 1.8 * identity.lipFullness * bump(x, y, 0, mouth.row - 4, mouth.halfWidth, 4.5)
      height +=
        2.8 * identity.lipFullness
        * bump(x, y, 0, mouth.row + mouth.opening + 4, 0.85 * mouth.halfWidth, 5)
      height -= 2.2 * bump(x, y, 0, mouth.row + mouth.opening + 10.5, 13, 4.5)
      height -= 1.0 * bump(x, y, 0, 34.5, 2.6, 4.5)
      height += (3.2 + identity.ruggedness) * bump(x, y, 0, 60.5, 15, 11)
      height -= 0.9 * bump(ax, y, mouth.halfWidth + 2.5, mouth.cornerRow + 1, 5, 5)
    }
    return height + nasolabialFold(ax, y)
  }

  private func nose(_ ax: Float, _ y: Float) -> Float {
    guard y > -16, y < 36, ax < 22 else { return 0 }
    let tip: Float = 24
    let along = smoothstep(-14, tip, y)
    let rise = (2.5 + (identity.noseProjection - 2.5) * along * along) * smoothstep(-16, -4, y)
    let under = max(0, y - tip) / 10
    let end = max(0, 1 - under * under) * max(0, 1 - under * under)
    let width = mix(8, 10.2, along) * identity.noseWidth
    let u = min(1, ax / width)
    let ridge = (1 - u * u) * (1 - u * u)
    let ball = 2.6 * bump(ax, y, 0, tip, 9 * identity.noseWidth, 8)
    let wing = 3.4 * bump(ax, y, 7.8 * identity.noseWidth, 26.2, 6.8, 6.5)
    return rise * end * ridge + ball + wing
  }

  /// The crease from the wing of the nose to the corner of the mouth: deep in a smile and with age.
  private func nasolabialFold(_ ax: Float, _ y: Float) -> Float {
    guard y > 20, y < 52 else { return 0 }
    let depth = 0.1 + 0.7 * smile + 0.7 * identity.age
    let t = (y - 24) / 22
    let path = 12.5 + (mouth.halfWidth - 6) * t * (1.35 - 0.35 * t)
    let u = (ax - path) / 3.2
    let ends = smoothstep(21, 27, y) * smoothstep(49, 41, y)
    // Flesh hangs over the outer side of the crease.
    return depth * ends * (1.1 * max(0, 1 - (u - 1.6) * (u - 1.6)) - max(0, 1 - u * u))
  }
}

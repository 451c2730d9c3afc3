import TensorCore

/// A hat.
struct Hat: Sendable {
  /// Whether it has a brim all around; otherwise it is a knitted cap.
  var hasBrim: Bool
  /// Row of its lower edge over the middle of the forehead.
  var edge: Float
  /// Colour of the hat.
  var color: LinearColor
  /// Colour of its band or fold.
  var bandColor: LinearColor

  /// Draws a hat.
  init(random: inout CounterBasedRandom) {
    hasBrim = random.uniform() < 0.5
    edge = random.uniform(-36, -29)
    color = clothColor(random: &random)
    bandColor = random.uniform() < 0.5 ? color * 0.6 : clothColor(random: &random)
  }
}

extension Hat {
  /// How much light the hat leaves to a point of the face, 0...1.
  func light(atRow y: Float) -> Float {
    1 - (hasBrim ? 0.5 : 0.3) * smoothstep(edge + (hasBrim ? 26 : 10), edge, y)
  }

  /// Paints the hat over face and hair.
  func paint(
    over picture: LinearColor, viewX: Float, viewY: Float, pose: HeadPose, head: Superellipsoid,
    pixel: Float, light: SceneLight, noise: LatticeNoise
  ) -> LinearColor {
    guard viewY < edge + 30 else { return picture }
    var result = picture
    var shell = head.expanded(by: hasBrim ? 5 : 6)
    shell.upperRadius += hasBrim ? 10 : 3
    shell.upperSquareness = hasBrim ? 1.2 : 0.2
    let hit = shell.hit(viewX, viewY, pose)
    let fold = hasBrim ? 0 : smoothstep(edge - 15, edge - 13.5, hit.y)
    let body = max(hit.distance - 2 * fold, hit.y - edge)
    let covered = coverage(body, softness: 0.8 + pixel)
    if covered > 0 {
      var normal = hit.normal
      var cloth = color
      if hasBrim {
        cloth = mix(cloth, bandColor, coverage(edge - 13 - hit.y, softness: 1))
        normal.x += 0.12 * noise(viewX * 0.06, viewY * 0.06)
      } else {
        cloth = mix(cloth, bandColor, fold)
        let rib = sinApproximation(0.16 * hit.x / max(0.35, hit.z / shell.halfDepth))
        normal.x += 0.3 * rib
        cloth *= 0.85 + 0.15 * rib + 0.12 * noise(viewX * 0.9, viewY * 0.9)
        cloth *= 1 - 0.5 * smoothstep(2.2, 0, abs(hit.y - edge + 14))
      }
      result = mix(result, lit(cloth, normalized(normal), light), covered)
    }
    guard hasBrim else { return result }
    let x = viewX - 10 * pose.sinYaw
    let row = viewY - edge - 24 * pose.sinPitch - 0.0016 * x * x
    let brim = ellipseDistance(x, row, 67, 8 + 26 * abs(pose.sinPitch))
    let brimCovered = coverage(brim, softness: 0.8 + pixel)
    let normal = normalized(SIMD3(x / 120, mix(-0.9, 0.5, smoothstep(-6, 5, row)), 0.6))
    let shadow = 1 - 0.45 * smoothstep(0, 7, row)
    return mix(result, lit(color, normal, light) * shadow, brimCovered)
  }

  private func lit(
    _ cloth: LinearColor, _ normal: SIMD3<Float>, _ light: SceneLight
  ) -> LinearColor {
    let facing = max(0, (dot(normal, light.direction) + 0.25) / 1.25)
    return cloth * (light.ambient + light.key * facing)
  }
}

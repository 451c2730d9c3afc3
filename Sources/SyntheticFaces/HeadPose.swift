import Foundation

/// How a head is turned.
///
/// The view looks along -z; x points right and y down in the picture, z towards the viewer.
struct HeadPose: Sendable {
  /// Sine and cosine of the turn about the vertical axis; positive moves the nose to the right.
  let (sinYaw, cosYaw): (Float, Float)
  /// Sine and cosine of the nod; positive moves the nose down.
  let (sinPitch, cosPitch): (Float, Float)

  /// Makes a pose from angles in radians.
  init(yaw: Float, pitch: Float) {
    (sinYaw, cosYaw) = (sin(yaw), cos(yaw))
    (sinPitch, cosPitch) = (sin(pitch), cos(pitch))
  }

  /// A direction of the head's own axes, seen by the viewer.
  @inline(__always)
  func viewDirection(_ n: SIMD3<Float>) -> SIMD3<Float> {
    let x = n.x * cosYaw + n.z * sinYaw
    let z = -n.x * sinYaw + n.z * cosYaw
    return SIMD3(x, n.y * cosPitch + z * sinPitch, -n.y * sinPitch + z * cosPitch)
  }
}

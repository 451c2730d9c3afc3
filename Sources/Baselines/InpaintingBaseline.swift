package import Images

/// A way to fill holes that learns nothing: what a trained network is compared with.
///
/// A result is a function of the picture, the hole and the sample's number alone.
package protocol InpaintingBaseline: Sendable {
  /// Fills the hole of a picture; known pixels stay as they are.
  ///
  /// - Parameters:
  ///   - picture: Three channels.
  ///   - hole: Of the picture's size, with at least one known pixel.
  ///   - sample: The picture's number, which chooses random numbers.
  /// - Returns: The picture with its hole filled.
  func filled(_ picture: Image, hole: HoleMask, sample: Int) -> Image
}

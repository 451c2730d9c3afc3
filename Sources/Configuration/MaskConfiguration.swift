/// The holes that training cuts.
package struct MaskConfiguration: Codable, Equatable, Sendable {
  /// How often each kind of hole is drawn, relative to the others; 0 is never.
  package struct Mixture: Codable, Equatable, Sendable {
    /// A rectangle of up to half the side, at a random place.
    package var rectangle = 1.0

    /// A rectangle of up to half the side, in the middle.
    package var centre = 0.0

    /// Free-form strokes of a brush.
    package var brush = 0.0

    /// Mask pictures from `masks.files`.
    package var files = 0.0

    /// An eye, both eyes, the nose, the mouth or the lower face.
    package var faceParts = 0.0

    /// The left, right, upper or lower half.
    package var half = 0.0

    /// Everything but the middle.
    package var border = 0.0

    /// Small squares all over the picture.
    package var mosaic = 0.0

    /// The defaults.
    package init() {}

    private enum CodingKeys: String, CodingKey {
      case rectangle, centre, brush, files
      case faceParts = "face_parts"
      case half, border, mosaic
    }
  }

  /// How often each kind of hole is drawn.
  package var mixture = Mixture()

  /// Each side of a rectangle is shortened by up to this fraction of half the picture's side.
  package var shrink = 0.25

  /// Folder of mask pictures, white where the hole is; empty for none.
  package var files = ""

  /// The defaults.
  package init() {}
}

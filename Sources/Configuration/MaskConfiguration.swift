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

  /// The strokes of a brush; lengths and widths are parts of the picture's size.
  package struct Brush: Codable, Equatable, Sendable {
    /// Fewest and most strokes of a hole.
    package var strokes = [1, 3]

    /// Fewest and most straight parts of a stroke.
    package var vertices = [4, 11]

    /// Mean length of a straight part, as a part of the picture's diagonal.
    package var length = 0.125

    /// Least and largest width of a stroke, as a part of the picture's side.
    package var width = [0.046875, 0.15625]

    /// Mean direction of a straight part, in turns.
    package var angle = 0.2

    /// Largest deviation from the mean direction, in turns.
    package var angleRange = 1.0 / 15

    /// The defaults.
    package init() {}

    private enum CodingKeys: String, CodingKey {
      case strokes, vertices, length, width, angle
      case angleRange = "angle_range"
    }
  }

  /// A part of the face; left and right are the viewer's.
  package enum FacePart: String, ConfigurationChoice {
    case leftEye = "left_eye"
    case rightEye = "right_eye"
    case eyes, nose, mouth
    case lowerFace = "lower_face"
  }

  /// How often each kind of hole is drawn.
  package var mixture = Mixture()

  /// Each side of a rectangle is shortened by up to this fraction of half the picture's side.
  package var shrink = 0.25

  /// Folder of mask pictures, white where the hole is; empty for none.
  package var files = ""

  /// Mirrors half of the mask pictures left to right, and half top to bottom.
  package var flipFiles = false

  /// Moves each mask picture by any distance; what leaves at one edge comes in at the opposite one.
  package var shiftFiles = false

  /// The parts of the face, of which each hole of that kind covers one.
  package var faceParts = FacePart.allCases

  /// Least and largest size of a hole over a part of the face; 1 covers it closely.
  package var facePartSize = [1.0, 1.25]

  /// The strokes of a brush.
  package var brush = Brush()

  /// Side of the known middle, as a part of the picture's, where everything else is missing.
  package var knownMiddle = 0.5

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case mixture, shrink, files
    case flipFiles = "flip_files"
    case shiftFiles = "shift_files"
    case faceParts = "face_parts"
    case facePartSize = "face_part_size"
    case brush
    case knownMiddle = "known_middle"
  }
}

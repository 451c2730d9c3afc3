package import Images

/// The holes that training cuts.
package struct MaskConfiguration: SettingsSection {
  /// The strokes of a brush; lengths and widths are parts of the picture's size.
  package struct Brush: SettingsSection {
    @Setting("Fewest and most strokes of a hole.")
    package var strokes = [1, 3]

    @Setting("Fewest and most straight parts of a stroke.")
    package var vertices = [4, 11]

    @Setting("Mean length of a straight part, as a part of the picture's diagonal.")
    package var length = 0.125

    @Setting("Least and largest width of a stroke, as a part of the picture's side.")
    package var width = [0.046875, 0.15625]

    @Setting("Mean direction of a straight part, in turns.")
    package var angle = 0.2

    @Setting("Largest deviation from the mean direction, in turns.")
    package var angleRange = 1.0 / 15

    /// The defaults.
    package init() {}

    private enum CodingKeys: String, CodingKey {
      case strokes, vertices, length, width, angle
      case angleRange = "angle_range"
    }
  }

  @Setting("How often each kind of hole is drawn, relative to the others; 0 is never.")
  package var mixture = HoleMixture()

  @Setting(
    "Each side of a rectangle is shortened by up to this fraction of half the picture's side.")
  package var shrink = 0.25

  @Setting("Folder of mask pictures, white where the hole is; empty for none.")
  package var files = ""

  @Setting("Mirrors half of the mask pictures left to right, and half top to bottom.")
  package var flipFiles = false

  @Setting(
    "Moves each mask picture by any distance; what leaves at one edge comes in at the opposite one."
  )
  package var shiftFiles = false

  @Setting("The parts of the face, of which each hole of that kind covers one.")
  package var faceParts = FacePartMask.Part.allCases

  @Setting("Least and largest size of a hole over a part of the face; 1 covers it closely.")
  package var facePartSize = [1.0, 1.25]

  @Setting("The strokes of a brush.")
  package var brush = Brush()

  @Setting(
    "Side of the known middle, as a part of the picture's, where everything else is missing.")
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

import Images
import Running

/// A kind of hole, under the name that it has in the table.
struct EvaluationMask {
  let name: String
  let kind: any MaskKind

  /// What the user can write, besides a folder of mask pictures.
  static let names = [
    "center", "random", "brush", "half", "border", "mosaic", "left_eye", "right_eye", "eyes",
    "nose", "mouth", "lower_face",
  ]

  /// The masks of a request, in its order.
  ///
  /// - Throws: `RunError` where a name is neither a kind of hole nor a folder of pictures.
  static func masks(of request: EvaluationRequest) throws -> [EvaluationMask] {
    let masks = try request.masks.map { EvaluationMask(name: $0, kind: try kind(named: $0)) }
    if let name = firstRepeated(masks.map(\.name)) {
      throw RunError(.usage, "--mask \(name) is given twice; leave one out")
    }
    return masks
  }

  private static func kind(named name: String) throws -> any MaskKind {
    switch name {
    case "center", "centre": return RectangleMask.centre
    case "random": return RectangleMask()
    case "brush": return BrushMask()
    case "half": return HalfImageMask()
    case "border": return SurroundingMask()
    case "mosaic": return MosaicMask()
    default:
      if let part = FacePartMask.Part(tableName: name) { return FacePartMask([part], scale: 1...1) }
      let files = DrawnMask.paths(in: name)
      guard !files.isEmpty else {
        throw RunError(
          .usage,
          "--mask \(name): neither a kind of hole nor a folder of PNG or JPEG files; the kinds are "
            + names.joined(separator: ", "))
      }
      return DrawnMask(paths: files)
    }
  }
}

extension FacePartMask.Part {
  /// The part's name in tables, such as `left_eye`.
  var tableName: String {
    switch self {
    case .leftEye: "left_eye"
    case .rightEye: "right_eye"
    case .lowerFace: "lower_face"
    default: rawValue
    }
  }

  init?(tableName: String) {
    guard let part = Self.allCases.first(where: { $0.tableName == tableName }) else { return nil }
    self = part
  }
}

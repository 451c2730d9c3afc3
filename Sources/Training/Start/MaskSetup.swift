package import Configuration
package import Images
import Running

extension MaskConfiguration {
  /// The holes that a valid configuration asks for: one kind, or several mixed by their weights.
  ///
  /// - Parameter files: The mask pictures, where they have a weight.
  /// - Returns: What draws the holes.
  package func kind(files: [String]) -> any MaskKind {
    let parts = kinds(files: files).filter { $0.weight > 0 }
    return parts.count == 1
      ? parts[0].kind : MixedMask(parts.map { (kind: $0.kind, weight: $0.weight) })
  }

  /// Every kind of hole with its name and weight; mask pictures only where there are files.
  package func kinds(files: [String]) -> [(name: String, kind: any MaskKind, weight: Double)] {
    let drawn: [(name: String, kind: any MaskKind, weight: Double)] =
      files.isEmpty
      ? []
      : [("files", DrawnMask(paths: files, flips: flipFiles, shifts: shiftFiles), mixture.files)]
    let parts = faceParts.map(\.part)
    return [
      ("rectangle", RectangleMask(placement: .random, shrink: shrink), mixture.rectangle),
      ("centre", RectangleMask.centre, mixture.centre),
      ("brush", BrushMask(brush), mixture.brush),
      (
        "face parts", FacePartMask(parts, scale: facePartSize[0]...facePartSize[1]),
        mixture.faceParts
      ),
      ("half", HalfImageMask(), mixture.half),
      ("border", SurroundingMask(known: knownMiddle), mixture.border),
      ("mosaic", MosaicMask(), mixture.mosaic),
    ] + drawn
  }

  /// The PNG and JPEG files of the folder of mask pictures, by name.
  ///
  /// - Throws: `RunError` where the folder has none.
  package func filePaths() throws -> [String] {
    let pictures = DrawnMask.paths(in: files)
    guard !pictures.isEmpty else {
      throw RunError(
        .badData, "\(files): no PNG or JPEG files; set masks.files to a folder of mask pictures")
    }
    return pictures
  }
}

extension BrushMask {
  /// The strokes that a valid configuration asks for.
  fileprivate init(_ brush: MaskConfiguration.Brush) {
    self.init()
    strokes = brush.strokes[0]...brush.strokes[1]
    vertices = brush.vertices[0]...brush.vertices[1]
    length = brush.length
    width = brush.width[0]...brush.width[1]
    angle = brush.angle
    angleRange = brush.angleRange
  }
}

extension MaskConfiguration.FacePart {
  fileprivate var part: FacePartMask.Part {
    switch self {
    case .leftEye: .leftEye
    case .rightEye: .rightEye
    case .eyes: .eyes
    case .nose: .nose
    case .mouth: .mouth
    case .lowerFace: .lowerFace
    }
  }
}

import Configuration
import Images
import Running

/// A kind of hole, under the name that it has in the table.
struct EvaluationMask {
  let name: String
  let kind: any MaskKind

  /// The masks of a request, in its order.
  ///
  /// - Throws: `RunError` where a name is neither a kind of hole nor a folder of pictures.
  static func masks(of request: EvaluationRequest) throws -> [EvaluationMask] {
    let names = request.masks.isEmpty ? ["center"] : request.masks
    let masks = try names.map { EvaluationMask(name: $0, kind: try kind(named: $0)) }
    if let name = firstRepeated(masks.map(\.name)) {
      throw RunError(.usage, "--mask \(name) is given twice; leave one out")
    }
    return masks
  }

  private static func kind(named name: String) throws -> any MaskKind {
    if let kind = HoleKind.evaluated(name) { return kind }
    let files = DrawnMask.paths(in: name)
    guard !files.isEmpty else {
      throw RunError(
        .usage,
        "--mask \(name): neither a kind of hole nor a folder of PNG or JPEG files; the kinds are "
          + HoleKind.evaluated.map(\.word).joined(separator: ", "))
    }
    return DrawnMask(paths: files)
  }
}

package import Images

/// A kind of hole under its name, with what settings, previews and evaluations must know of it.
///
/// All of them read `all`: a new kind is a file with its `MaskKind` and a line there.
package struct HoleKind: Sendable {
  /// One of the holes that a kind stands for, as previews and evaluations show them.
  package struct Variant: Sendable {
    /// The word that chooses it in `evaluate --mask`, such as `left_eye`.
    package let word: String
    /// The row's name in previews, such as `left eye`.
    package let title: String
    /// What draws it.
    package let kind: any MaskKind
  }

  /// The key below `masks.mixture`, such as `face_parts`.
  package let name: String
  /// What it is, in a sentence.
  package let meaning: String
  /// The weight in a mixture that nobody has set.
  let usualWeight: Double
  /// Words for it in `evaluate --mask`, the first of which is shown.
  private let words: [String]
  /// Whether runs of earlier versions had not this kind, so that leaving it out changes no fingerprint.
  let isLater: Bool
  /// Whether it draws nothing by itself, but takes the pictures of `masks.files`.
  package let needsFiles: Bool
  private let make: @Sendable (MaskConfiguration, [String]) -> any MaskKind
  private let parts: (@Sendable (MaskConfiguration) -> [Variant])?

  /// Describes a kind.
  ///
  /// - Parameters:
  ///   - name: The key below `masks.mixture`.
  ///   - meaning: A sentence.
  ///   - usualWeight: The weight in a mixture that nobody has set.
  ///   - words: Words for it in `evaluate --mask`; by default its name.
  ///   - isLater: Whether runs of earlier versions had it not.
  ///   - needsFiles: Whether it takes the pictures of `masks.files`.
  ///   - parts: What previews and evaluations show instead of the kind as a whole.
  ///   - make: Makes it as the settings say; the texts are the paths of the pictures.
  private init(
    _ name: String, _ meaning: String, usualWeight: Double = 0, words: [String]? = nil,
    isLater: Bool = false, needsFiles: Bool = false,
    parts: (@Sendable (MaskConfiguration) -> [Variant])? = nil,
    make: @escaping @Sendable (MaskConfiguration, [String]) -> any MaskKind
  ) {
    (self.name, self.meaning, self.usualWeight) = (name, meaning, usualWeight)
    (self.words, self.isLater, self.needsFiles) = (words ?? [name], isLater, needsFiles)
    (self.parts, self.make) = (parts, make)
  }

  /// Every kind, in the order of the settings.
  package static let all: [HoleKind] = [
    HoleKind(
      "rectangle", "A rectangle of up to half the side, at a random place.", usualWeight: 1,
      words: ["random"]
    ) { settings, _ in RectangleMask(placement: .random, shrink: settings.shrink) },
    HoleKind(
      "centre", "A square of half the sides, in the middle.", words: ["center", "centre"]
    ) { _, _ in RectangleMask.centre },
    HoleKind("brush", "Free-form strokes of a brush.") { settings, _ in BrushMask(settings.brush) },
    files, faceParts,
    HoleKind("half", "The left, right, upper or lower half.") { _, _ in HalfImageMask() },
    HoleKind("border", "Everything but the middle.") { settings, _ in
      SurroundingMask(known: settings.knownMiddle)
    },
    HoleKind("mosaic", "Small squares all over the picture.") { _, _ in MosaicMask() },
    HoleKind("thin", "LaMa's thin strokes.", isLater: true) { _, _ in LargeMask(.thin) },
    HoleKind("medium", "LaMa's strokes and boxes of middle size.", isLater: true) { _, _ in
      LargeMask(.medium)
    },
    HoleKind("thick", "LaMa's thick strokes and large boxes.", isLater: true) { _, _ in
      LargeMask(.thick)
    },
  ]

  /// Mask pictures that somebody has drawn.
  package static let files = HoleKind(
    "files", "Mask pictures from `masks.files`.", needsFiles: true
  ) { settings, files in
    DrawnMask(paths: files, flips: settings.flipFiles, shifts: settings.shiftFiles)
  }

  /// A part of a face, which needs to be found.
  package static let faceParts = HoleKind(
    "face_parts", "An eye, both eyes, the nose, the mouth or the lower face.",
    parts: { settings in
      FacePartMask.Part.allCases.map {
        Variant(
          word: $0.rawValue, title: $0.rawValue.replacing("_", with: " "),
          kind: FacePartMask([$0], scale: settings.facePartScale))
      }
    }
  ) { settings, _ in FacePartMask(settings.faceParts, scale: settings.facePartScale) }

  /// What draws this kind.
  ///
  /// - Parameters:
  ///   - settings: Valid settings.
  ///   - files: Paths of mask pictures, at least one for a kind that needs them.
  /// - Returns: What cuts its holes.
  package func kind(_ settings: MaskConfiguration, files: [String] = []) -> any MaskKind {
    make(settings, files)
  }

  /// The holes that previews show: each part of a kind that consists of several, else the kind.
  package func variants(_ settings: MaskConfiguration, files: [String] = []) -> [Variant] {
    parts?(settings) ?? [
      Variant(
        word: words[0], title: name.replacing("_", with: " "), kind: kind(settings, files: files))
    ]
  }

  /// The holes that `evaluate --mask` knows by name, each cut as closely as it is defined.
  package static var evaluated: [Variant] {
    var settings = MaskConfiguration()
    settings.facePartSize = [1, 1]
    return all.filter { !$0.needsFiles }.flatMap { $0.variants(settings) }
  }

  /// What draws the hole of a word of `evaluate --mask`; nil for an unknown word.
  package static func evaluated(_ word: String) -> (any MaskKind)? {
    let known = all.first { $0.words.contains(word) && $0.parts == nil && !$0.needsFiles }
    let shown = known?.words[0] ?? word
    return evaluated.first { $0.word == shown }?.kind
  }
}

extension MaskConfiguration {
  /// The holes that a valid configuration asks for: one kind, or several mixed by their weights.
  ///
  /// - Parameter files: The mask pictures, where they have a weight.
  /// - Returns: What draws the holes.
  package func kind(files: [String]) -> any MaskKind {
    // The order decides which kind a random number means: mask pictures come last.
    let kinds = HoleKind.all.filter { !$0.needsFiles } + HoleKind.all.filter(\.needsFiles)
    let parts = kinds.filter { mixture[$0] > 0 && !($0.needsFiles && files.isEmpty) }
      .map { (kind: $0.kind(self, files: files), weight: mixture[$0]) }
    return parts.count == 1 ? parts[0].kind : MixedMask(parts)
  }

  /// Least and largest size of a hole over a part of the face.
  fileprivate var facePartScale: ClosedRange<Double> { facePartSize[0]...facePartSize[1] }
}

extension BrushMask {
  /// The strokes that valid settings ask for.
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

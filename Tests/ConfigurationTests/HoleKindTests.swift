import Configuration
import Images
import Metrics
import TensorCore
import Testing

/// The table of kinds of holes, and the names that files, scripts and settings hold.
@Suite("Kinds of holes")
struct HoleKindTests {
  private func mask(_ kind: any MaskKind, sample: Int) throws -> HoleMask {
    var random = CounterBasedRandom(seed: 3, purpose: .mask, sample: sample)
    return try kind.mask(for: MaskSubject(width: 32, height: 40), using: &random)
  }

  /// The order is that of fingerprints: what changes it keeps runs from going on.
  @Test func namesStay() {
    #expect(
      HoleKind.all.map(\.name) == [
        "rectangle", "centre", "brush", "files", "face_parts", "half", "border", "mosaic",
        "thin", "medium", "thick",
      ])
    #expect(
      Set(HoleKind.evaluated.map(\.word)) == [
        "center", "random", "brush", "half", "border", "mosaic", "left_eye", "right_eye", "eyes",
        "nose", "mouth", "lower_face", "thin", "medium", "thick",
      ])
    for word in HoleKind.evaluated.map(\.word) + ["centre"] {
      #expect(HoleKind.evaluated(word) != nil, "\(word)")
    }
    for word in ["files", "face_parts", "rectangle", "masks"] {
      #expect(HoleKind.evaluated(word) == nil, "\(word)")
    }
  }

  @Test func evaluationsCutTheHolesOfTheirTables() throws {
    let expected: [(String, any MaskKind)] = [
      ("center", RectangleMask.centre), ("centre", RectangleMask.centre),
      ("random", RectangleMask()), ("brush", BrushMask()), ("half", HalfImageMask()),
      ("border", SurroundingMask()), ("mosaic", MosaicMask()),
      ("lower_face", FacePartMask([.lowerFace], scale: 1...1)),
    ]
    for (word, kind) in expected {
      let found = try #require(HoleKind.evaluated(word))
      for sample in 0..<8 {
        #expect(try mask(found, sample: sample) == mask(kind, sample: sample), "\(word)")
      }
    }
  }

  /// A random number means the same kind as ever: the order of the parts is part of the arithmetic.
  @Test func aMixtureDrawsInItsFixedOrder() throws {
    var settings = MaskConfiguration()
    for kind in HoleKind.all where !kind.needsFiles { settings.mixture[kind] = 1 }
    let expected = MixedMask([
      (RectangleMask(), 1), (RectangleMask.centre, 1), (BrushMask(), 1), (FacePartMask(), 1),
      (HalfImageMask(), 1), (SurroundingMask(), 1), (MosaicMask(), 1),
      (LargeMask(.thin), 1), (LargeMask(.medium), 1), (LargeMask(.thick), 1),
    ])
    let mixture = settings.kind(files: [])
    for sample in 0..<64 {
      #expect(try mask(mixture, sample: sample) == mask(expected, sample: sample))
    }
  }

  @Test func oneKindIsDrawnWithoutAMixture() throws {
    for kind in HoleKind.all where !kind.needsFiles {
      var settings = MaskConfiguration()
      for other in HoleKind.all { settings.mixture[other] = 0 }
      settings.mixture[kind] = 2
      let (alone, direct) = (settings.kind(files: []), kind.kind(settings))
      for sample in 0..<8 {
        #expect(try mask(alone, sample: sample) == mask(direct, sample: sample), "\(kind.name)")
      }
    }
  }

  @Test func everyKindHasASettingAndAMeaning() {
    let keys = Set(RunConfiguration().values.map(\.key))
    for kind in HoleKind.all {
      #expect(keys.contains("masks.mixture.\(kind.name)"))
      #expect(kind.meaning.hasSuffix("."))
    }
  }

  @Test func theBestCheckpointIsChosenByAMetricOfTheTable() throws {
    for metric in PictureMetric.validated {
      let configuration = try RunConfiguration().applying(
        overrides: ["checkpoint.best_metric=\(metric.name)"])
      #expect(configuration.checkpoint.bestMetric.rawValue == metric.name)
    }
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration().applying(overrides: ["checkpoint.best_metric=ssmi"])
    }
    #expect(error?.description.contains("the nearest is ssim") == true)
  }
}

import Baselines
import Images
import TensorCore
import Testing

@Suite struct PatchMatchTests {
  /// Textures that repeat: patches of the rest complete them, which a mean cannot.
  @Test(arguments: [
    ("stripes", { @Sendable (row: Int, column: Int) in (row + column) % 8 < 4 ? 40 : 210 }),
    ("checks", { @Sendable (row: Int, column: Int) in row / 6 % 2 == column / 6 % 2 ? 30 : 220 }),
  ])
  func completesATexture(_ texture: (name: String, value: @Sendable (Int, Int) -> Int)) {
    let original = picture(72, 72) { row, column, _ in texture.value(row, column) }
    let hole = hole(72, 72, rows: 24..<48, columns: 24..<48)
    let filled = PatchMatch(seed: 1).filled(original, hole: hole, sample: 0)
    let mean = MeanColor().filled(original, hole: hole, sample: 0)
    let (error, meanError) = (
      meanDifference(filled, original, in: hole), meanDifference(mean, original, in: hole)
    )
    #expect(error < 0.15 * meanError, "\(texture.name): \(error), mean colour \(meanError)")
  }

  @Test func dependsOnSeedAndSampleAlone() {
    var random = CounterBasedRandom(seed: 7, purpose: .test)
    let original = picture(48, 40) { _, _, _ in random.integer(in: 0...255) }
    let hole = hole(48, 40, rows: 10..<30, columns: 12..<34)
    let filled = PatchMatch(seed: 1).filled(original, hole: hole, sample: 4)
    #expect(PatchMatch(seed: 1).filled(original, hole: hole, sample: 4) == filled)
    #expect(PatchMatch(seed: 2).filled(original, hole: hole, sample: 4) != filled)
    #expect(PatchMatch(seed: 1).filled(original, hole: hole, sample: 5) != filled)
  }
}

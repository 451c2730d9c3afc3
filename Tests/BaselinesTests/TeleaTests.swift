import Baselines
import Images
import Testing

@Suite struct TeleaTests {
  /// A ramp goes on through a narrow hole: better than the mean colour by far.
  @Test func continuesARamp() {
    let ramp = picture(60, 40) { row, column, _ in 3 * column + row }
    let hole = hole(60, 40, rows: 0..<40, columns: 27..<33)
    let error = meanDifference(Telea().filled(ramp, hole: hole, sample: 0), ramp, in: hole)
    let meanError = meanDifference(MeanColor().filled(ramp, hole: hole, sample: 0), ramp, in: hole)
    #expect(error < 6 && meanError > 10, "\(error), mean colour \(meanError)")
  }

  @Test func isSymmetric() {
    let original = picture(31, 31) { row, column, _ in 200 - abs(column - 15) * 9 - row }
    let hole = hole(31, 31, rows: 8..<23, columns: 8..<23)
    let filled = Telea().filled(original, hole: hole, sample: 0)
    let mirrored = Telea().filled(
      original.flippedHorizontally(), hole: hole.flippedHorizontally(), sample: 0)
    // The order of equal times is not the same from both sides.
    #expect(meanDifference(filled, mirrored.flippedHorizontally(), in: hole) < 2)
  }
}

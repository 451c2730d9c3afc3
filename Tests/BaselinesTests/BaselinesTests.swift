import Baselines
import Images
import TensorCore
import Testing

/// What all baselines have in common.
@Suite struct BaselinesTests {
  static let baselines: [any InpaintingBaseline] = [MeanColor(), Telea(), PatchMatch(seed: 3)]

  /// Random pictures, sizes and holes, at the border and inside, nearly nothing and nearly all.
  @Test(arguments: baselines.indices)
  func knownPixelsStayAndMissingOnesAreNotLookedAt(index: Int) {
    let baseline = Self.baselines[index]
    for number in 0..<24 {
      var random = CounterBasedRandom(seed: 5, purpose: .test, sample: number)
      let (width, height) = (random.integer(in: 1...40), random.integer(in: 1...40))
      let original = picture(width, height) { _, _, _ in random.integer(in: 0...255) }
      let holeRows = random.integer(in: 1...height)
      let holeColumns = random.integer(in: 1...width)
      let (top, left) = (
        random.integer(in: 0...height - holeRows), random.integer(in: 0...width - holeColumns)
      )
      let hole = hole(
        width, height, rows: top..<top + holeRows, columns: left..<left + holeColumns)
      let filled = baseline.filled(original, hole: hole, sample: number)
      let isKept = hole.values.indices.allSatisfy { pixel in
        hole.values[pixel] == 1
          || (0..<3).allSatisfy {
            filled.pixels[pixel * 3 + $0] == original.pixels[pixel * 3 + $0]
          }
      }
      #expect(isKept, "case \(number)")
      let hidden = hole.painted(on: original, value: 77)
      #expect(baseline.filled(hidden, hole: hole, sample: number) == filled, "case \(number)")
    }
  }

  @Test(arguments: baselines.indices)
  func aPlainPictureStaysPlain(index: Int) {
    let plain = picture(40, 33) { _, _, channel in 60 + 50 * channel }
    let hole = hole(40, 33, rows: 8..<25, columns: 0..<20)
    #expect(Self.baselines[index].filled(plain, hole: hole, sample: 0) == plain)
  }

  @Test func theMeanIsThatOfKnownPixels() {
    let halves = picture(10, 10) { _, column, _ in column < 5 ? 10 : 20 }
    let hole = hole(10, 10, rows: 0..<10, columns: 5..<10)
    let filled = MeanColor().filled(halves, hole: hole, sample: 0)
    #expect(filled.pixels.allSatisfy { $0 == 10 })
  }
}

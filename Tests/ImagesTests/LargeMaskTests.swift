import Images
import TensorCore
import Testing

@Suite struct LargeMaskTests {
  private func shares(_ width: LargeMask.Width, side: Int, count: Int) -> [Double] {
    (0..<count).map { sample in
      var random = CounterBasedRandom(seed: 9, purpose: .mask, sample: sample)
      let mask = LargeMask(width).mask(
        for: MaskSubject(width: side, height: side), using: &random)
      return Double(mask.values.count { $0 != 0 }) / Double(side * side)
    }
  }

  /// Means and quartiles of LaMa's masks as OpenCV draws them: Tests/Comparisons/large_masks.py.
  @Test(arguments: [
    (LargeMask.Width.thin, 0.284, [0.175, 0.294, 0.398]),
    (.medium, 0.236, [0.138, 0.262, 0.335]), (.thick, 0.266, [0.159, 0.263, 0.375]),
  ])
  func sharesAreLaMas(width: LargeMask.Width, mean: Double, quartiles: [Double]) {
    let found = shares(width, side: 256, count: 600).sorted()
    #expect(abs(found.reduce(0, +) / 600 - mean) < 0.02)
    for (index, quartile) in quartiles.enumerated() {
      #expect(abs(found[(index + 1) * 150] - quartile) < 0.035, "quartile \(index + 1)")
    }
    #expect(found.allSatisfy { $0 > 0 && $0 <= 0.5 })
  }

  /// They cover as much of a picture of another size.
  @Test(arguments: LargeMask.Width.allCases) func sharesDoNotDependOnTheSize(width: LargeMask.Width)
  {
    let small = shares(width, side: 64, count: 300).reduce(0, +) / 300
    let large = shares(width, side: 256, count: 300).reduce(0, +) / 300
    #expect(abs(small - large) < 0.03, "\(small), \(large)")
  }

  /// Also the smallest pictures have a hole, and each is a function of its random numbers.
  @Test(arguments: LargeMask.Width.allCases) func everyPictureHasAHole(width: LargeMask.Width) {
    for (columns, rows) in [(2, 2), (3, 9), (5, 4), (100, 7), (64, 40)] {
      for sample in 0..<50 {
        let draw = {
          var random = CounterBasedRandom(seed: 2, purpose: .mask, sample: sample)
          return LargeMask(width).mask(
            for: MaskSubject(width: columns, height: rows), using: &random)
        }
        #expect(draw().values.contains { $0 != 0 })
        #expect(draw().values == draw().values)
      }
    }
  }
}

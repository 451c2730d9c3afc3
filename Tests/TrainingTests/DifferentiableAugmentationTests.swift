import Autodiff
import Configuration
import Kernels
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct DifferentiableAugmentationTests {
  private typealias Kind = AdversarialConfiguration.Augmentation

  private func drawn(
    _ kinds: [Kind], count: Int = 2, side: Int = 16, batch: Int = 3, replica: Int = 0
  ) -> DrawnAugmentation {
    DifferentiableAugmentation(kinds, seed: 7)
      .drawn(count: count, side: side, batch: batch, replica: replica)
  }

  private func pictures(_ count: Int = 2, side: Int = 16) -> ReferenceTensor {
    var random = CounterBasedRandom(test: 2)
    return ReferenceTensor.random([count, 3, side, side], using: &random)
  }

  /// Gradients flow through all of them, alone and together.
  @Test(arguments: [[Kind.color], [.translation], [.cutout], [.color, .translation, .cutout]])
  func gradientsFitValues(kinds: [AdversarialConfiguration.Augmentation]) {
    var check = GradientCheck("augmentation")
    check.seeds = 3
    check.tolerance = 1e-3
    let drawn = drawn(kinds, side: 8)
    check.expectGradientsFitValues(of: [.featureMaps([2, 3, 8, 8])]) { drawn($0[0]) }
  }

  /// Brightness, saturation and contrast, written out for one pixel of one picture.
  @Test func colorsFollowTheFormula() {
    let (drawn, x) = (drawn([.color]), pictures())
    let draw = drawn.draws[1]
    let result = drawn(Variable(x.tensor())).reference
    func value(_ channel: Int, _ row: Int, _ column: Int) -> Double {
      let grey = (0..<3).reduce(0) { $0 + x[1, $1, row, column] } / 3 + Double(draw.brightness)
      return (x[1, channel, row, column] + Double(draw.brightness) - grey)
        * Double(draw.saturation) + grey
    }
    var mean = 0.0
    for channel in 0..<3 {
      for row in 0..<16 { for column in 0..<16 { mean += value(channel, row, column) / 768 } }
    }
    let expected = (value(2, 5, 9) - mean) * Double(draw.contrast) + mean
    #expect(abs(result[1, 2, 5, 9] - expected) < 1e-5)
    #expect(abs(draw.brightness) <= 0.5 && (0...2).contains(draw.saturation))
  }

  /// Content moves, zeros come in, and the hole moves along.
  @Test func translationMovesPictureAndHole() {
    let (drawn, x) = (drawn([.translation], count: 8, batch: 5), pictures(8))
    let result = drawn(Variable(x.tensor())).reference
    let holes = ReferenceTensor(shape: [8, 1, 16, 16]) { ($0 / 16 % 16) < 7 ? 1 : 0 }
    let moved = drawn.moved(holes.tensor()).reference
    var distinct: Set<Int> = []
    for (picture, draw) in drawn.draws.enumerated() {
      #expect(abs(draw.down) <= 2 && abs(draw.right) <= 2)
      distinct.insert(draw.down * 10 + draw.right)
      for row in 0..<16 {
        for column in 0..<16 {
          let (from, left) = (row - draw.down, column - draw.right)
          let isInside = (0..<16).contains(from) && (0..<16).contains(left)
          let expected = isInside ? x[picture, 1, from, left] : 0
          #expect(abs(result[picture, 1, row, column] - expected) < 1e-6)
          #expect(moved[picture, 0, row, column] == (isInside ? holes[picture, 0, from, left] : 0))
        }
      }
    }
    #expect(distinct.count > 3)
  }

  @Test func cutoutLeavesAGreySquare() {
    let (drawn, x) = (drawn([.cutout], count: 6), pictures(6))
    let result = drawn(Variable(x.tensor())).reference
    for picture in 0..<6 {
      let empty = (0..<256).count { result[picture, 0, $0 / 16, $0 % 16] == 0 }
      #expect((16...64).contains(empty))
      for pixel in 0..<256 where result[picture, 0, pixel / 16, pixel % 16] != 0 {
        let (row, column) = (pixel / 16, pixel % 16)
        #expect(result[picture, 0, row, column] == Double(Float(x[picture, 0, row, column])))
      }
    }
  }

  /// A picture's draw belongs to its place in the batch, whoever computes it; other batches have others.
  @Test func drawsAreAFunctionOfThePlace() {
    let kinds: [Kind] = [.color, .translation, .cutout]
    let x = pictures(4)
    let whole = drawn(kinds, count: 4)(Variable(x.tensor())).reference.elements
    let size = 3 * 256
    for replica in 0..<2 {
      let part = ReferenceTensor(
        Array(x.elements[replica * 2 * size..<(replica + 1) * 2 * size]), shape: [2, 3, 16, 16])
      let result = drawn(kinds, replica: replica)(Variable(part.tensor())).reference.elements
      #expect(result == Array(whole[replica * 2 * size..<(replica + 1) * 2 * size]))
    }
    #expect(drawn(kinds, count: 4, batch: 4)(Variable(x.tensor())).reference.elements != whole)
    // Without kinds nothing changes.
    expectClose(drawn([])(Variable(pictures().tensor())), pictures(), .normwise(1e-7))
  }
}

import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Reductions")
struct ReductionTests {
  @Test(arguments: [1, 15, 16, 17, 1023, 1024, 1025, 100_003])
  func totals(count: Int) {
    var random = CounterBasedRandom(test: count)
    let x = ReferenceTensor.random([count], in: 0...1, using: &random)
    #expect(abs(x.tensor().total - x.sum) <= 2e-7 * x.sum)
  }

  /// A float32 running sum of ten million times 0.1 is off by 8 per cent.
  @Test func aLongSumIsAccurate() {
    let count = 10_000_000
    let expected = Double(Float(0.1)) * Double(count)
    let total = Tensor(repeating: 0.1, shape: [count]).total
    #expect(abs(total - expected) < 1e-6 * expected)
  }

  @Test func aSumOfCancellingNumbersIsAccurate() {
    var random = CounterBasedRandom(test: 3)
    let x = ReferenceTensor.random([200_000], using: &random)
    let magnitudes = x.elements.reduce(0) { $0 + abs($1) }
    #expect(abs(x.tensor().total - x.sum) < 1e-8 * magnitudes)
  }

  @Test(arguments: FeatureMapCases.shapes)
  func totalsDoNotDependOnTheLayout(shape: [Int]) {
    var random = CounterBasedRandom(test: 4)
    let x = ReferenceTensor.random(shape, in: 0...1, using: &random)
    for layout in FeatureMapCases.layouts {
      #expect(abs(x.tensor(layout: layout).total - x.sum) <= 2e-7 * x.sum)
    }
  }

  @Test(arguments: [[7], [1, 5], [5, 1], [300, 3], [3, 300], [2, 3, 4, 5], [2, 1, 700, 2]])
  func sumsAndRepeatsAlongEachAxis(shape: [Int]) {
    var random = CounterBasedRandom(test: shape.count)
    let x = ReferenceTensor.random(shape, using: &random)
    for axis in shape.indices {
      let sum = x.summed(along: axis)
      expectClose(
        x.tensor().summed(along: axis), sum, .elementwise(absolute: 1e-5, relative: 1e-6),
        "axis \(axis) of \(shape)")
      let repeated = sum.tensor().repeated(5, along: axis)
      expectClose(repeated, sum.tensor().reference.repeated(5, along: axis), .exact)
    }
  }

  @Test func longSumsAlongAnAxisAreAccurate() {
    for shape in [[100_000, 1], [100_000, 3]] {
      var random = CounterBasedRandom(test: 5)
      let x = ReferenceTensor.random(shape, in: 0...1, using: &random)
      expectClose(x.tensor().summed(along: 0), x.summed(along: 0), .normwise(1e-7))
    }
  }

  @Test(arguments: FeatureMapCases.shapes)
  func guidedL1(shape: [Int]) {
    var random = CounterBasedRandom(test: 6)
    let x = ReferenceTensor.random(shape, using: &random)
    let target = ReferenceTensor.random(shape, using: &random)
    let guide = ReferenceTensor.random(
      [shape[0], 1, shape[2], shape[3]], in: 0...2, using: &random)
    let pixels = shape[2] * shape[3]
    for layout in FeatureMapCases.layouts {
      for guide in [nil, guide] {
        let (a, b) = (x.tensor(layout: layout), target.tensor())
        let expected = x.guidedL1(to: target, guide: guide)
        #expect(abs(a.guidedL1(to: b, guide: guide?.tensor()) - expected) < 1e-6 * expected)
        let gradient = a.guidedL1Gradient(to: b, guide: guide?.tensor(), scale: 0.5)
        expectPaddingIsZero(gradient)
        expectClose(
          gradient,
          ReferenceTensor(shape: shape) { index in
            let weight = guide?.elements[index / pixels / shape[1] * pixels + index % pixels] ?? 0
            return (x.elements[index] > target.elements[index] ? 0.5 : -0.5) * (1 + weight)
          }, .normwise(1e-6), "\(layout)")
      }
    }
  }

  @Test func theGradientOfAnL1IsZeroAtEquality() {
    let x = Tensor(repeating: 0.3, shape: [1, 3, 4, 4]).converted(to: .blocked(8))
    #expect(x.guidedL1(to: x, guide: nil) == 0)
    #expect(x.guidedL1Gradient(to: x, guide: nil, scale: 1).total == 0)
  }
}

import Kernels
import TensorCore
import TestSupport
import Testing

/// The references themselves, against values worked out by hand, against identities and against
/// central differences.
@Suite("Reference operations")
struct ReferenceOperationsTests {
  @Test func aConvolutionByHand() {
    let x = ReferenceTensor([1, 2, 3, 4, 5, 6, 7, 8, 9], shape: [1, 1, 3, 3])
    let weight = ReferenceTensor([1, 10, 100, 1000], shape: [1, 1, 2, 2])
    #expect(
      x.convolved(with: weight, settings: ConvolutionSettings()).elements
        == [5421, 6532, 8754, 9865])
    let strided = x.convolved(
      with: weight, settings: ConvolutionSettings(stride: 2, padding: 1))
    #expect(strided.elements == [1000, 3200, 7040, 9865])
    let dilated = x.convolved(with: weight, settings: ConvolutionSettings(dilation: 2))
    #expect(dilated.elements == [9731])
  }

  @Test func aTransposedConvolutionByHand() {
    let x = ReferenceTensor([1, 2], shape: [1, 1, 1, 2])
    let weight = ReferenceTensor([1, 10, 100, 1000], shape: [1, 1, 2, 2])
    let result = x.convTransposed(weight: weight, settings: ConvolutionSettings(stride: 2))
    #expect(result.shape == [1, 1, 2, 4])
    #expect(result.elements == [1, 10, 2, 20, 100, 1000, 200, 2000])
  }

  /// `<conv(x, w), y> = <x, dataGradient(y, w)> = <w, weightGradient(x, y)>`.
  @Test func theThreeConvolutionsAreAdjoint() {
    for seed in 0..<20 {
      var random = CounterBasedRandom(test: seed)
      let settings = ConvolutionSettings(
        stride: random.integer(in: 1...3), padding: random.integer(in: 0...2),
        dilation: random.integer(in: 1...2))
      let x = ReferenceTensor.random([2, 3, 8, 9], using: &random)
      let weight = ReferenceTensor.random([4, 3, 3, 3], using: &random)
      let output = x.convolved(with: weight, settings: settings)
      let y = ReferenceTensor.random(output.shape, using: &random)
      let product = output.dot(y)
      let dataGradient = y.convolutionDataGradient(
        weight: weight, inputShape: x.shape, settings: settings)
      let weightGradient = x.convolutionWeightGradient(
        outputGradient: y, weightShape: weight.shape, settings: settings)
      #expect(abs(x.dot(dataGradient) - product) < 1e-11)
      #expect(abs(weight.dot(weightGradient) - product) < 1e-11)
      let transposed = y.convTransposed(weight: weight, settings: settings)
      if transposed.shape == x.shape { expectClose(transposed, dataGradient, .normwise(1e-13)) }
    }
  }

  @Test func maxPoolGradientFitsDifferences() {
    for seed in 0..<20 {
      var random = CounterBasedRandom(test: seed)
      let x = ReferenceTensor.randomDistinct([2, 3, 5, 4], using: &random)
      let upstream = ReferenceTensor.random([2, 3, 2, 2], using: &random)
      let direction = ReferenceTensor.random(x.shape, using: &random)
      let slope =
        (upstream.dot(x.moved(by: 1e-5, along: direction).maxPooled())
          - upstream.dot(x.moved(by: -1e-5, along: direction).maxPooled())) / 2e-5
      #expect(abs(x.maxPoolGradient(upstream).dot(direction) - slope) < 1e-6)
      let selected = x.maxPoolSelecting(direction).dot(upstream)
      #expect(abs(x.maxPoolGradient(upstream).dot(direction) - selected) < 1e-12)
    }
  }

  @Test func normalizedMapsHaveNoMeanAndUnitVariance() {
    var random = CounterBasedRandom(test: 1)
    let x = ReferenceTensor.random([3, 4, 5, 6], in: 2...3, using: &random)
    let (mean, variance) = x.instanceNormalized(epsilon: 0).moments(ofEachImage: true)
    #expect(mean.elements.allSatisfy { abs($0) < 1e-12 })
    #expect(variance.elements.allSatisfy { abs($0 - 1) < 1e-12 })
    let weight = ReferenceTensor([1, 2, 3, 4], shape: [4])
    let bias = ReferenceTensor([4, 3, 2, 1], shape: [4])
    let (batchMean, batchVariance) = x.batchNormalized(weight: weight, bias: bias, epsilon: 0)
      .moments(ofEachImage: false)
    expectClose(batchMean, bias.reshaped(to: [1, 4]), .normwise(1e-12))
    expectClose(batchVariance, (weight * weight).reshaped(to: [1, 4]), .normwise(1e-12))
  }

  @Test func arrangementsByHand() {
    let a = ReferenceTensor([1, 2, 3, 4], shape: [2, 1, 1, 2])
    let b = ReferenceTensor([5, 6, 7, 8], shape: [2, 1, 1, 2])
    let joined = ReferenceTensor.concatenated([a, b])
    #expect(joined.elements == [1, 2, 5, 6, 3, 4, 7, 8])
    #expect(joined.channels(1..<2) == b)
    #expect(joined.summed(along: 1).elements == [6, 8, 10, 12])
    #expect(joined.summedOverChannels().elements == [10, 26])
    #expect(a.summed(along: 3).repeated(2, along: 3).elements == [3, 3, 7, 7])
    #expect(a.upsampledNearest().elements == [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
    #expect(a.upsampledNearest().averagePooled() == a)
    let windows = CropWindows(tops: [0, 1], lefts: [2, 0], height: 1, width: 2)
    #expect(a.upsampledNearest().cropped(to: windows).elements == [2, 2, 3, 3])
    #expect(
      a.pasted(into: windows, height: 2, width: 4).elements
        == [0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0])
  }

  @Test func matricesByHand() {
    let a = ReferenceTensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(a.transposed().elements == [1, 4, 2, 5, 3, 6])
    #expect(a.product(a.transposed()).elements == [14, 32, 32, 77])
    #expect(
      a.linear(weight: a, bias: ReferenceTensor([1, 2], shape: [2])).elements == [15, 34, 33, 79])
  }
}

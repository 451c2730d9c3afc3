import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Pooling kernels")
struct PoolingTests {
  @Test(arguments: FeatureMapCases.shapes)
  func maxima(shape: [Int]) {
    var random = CounterBasedRandom(test: 1)
    let x = ReferenceTensor.randomDistinct(shape, using: &random)
    let values = ReferenceTensor.random(shape, using: &random)
    let pooled = x.maxPooled()
    let upstream = ReferenceTensor.random(pooled.shape, using: &random)
    for layout in FeatureMapCases.layouts {
      let tensor = x.tensor(layout: layout)
      let results = [
        (tensor.maxPooled(), pooled),
        (tensor.maxPoolGradient(upstream.tensor()), x.maxPoolGradient(upstream)),
        (tensor.maxPoolSelecting(values.tensor()), x.maxPoolSelecting(values)),
      ]
      for (result, expected) in results {
        expectClose(result, expected, .exact, "\(layout)")
        expectPaddingIsZero(result)
      }
    }
  }

  @Test(arguments: FeatureMapCases.layouts)
  func ofEqualValuesTheFirstGetsTheGradient(layout: Layout) {
    let ties = ReferenceTensor([1, 1, 1, 1, 0, 2, 2, 2], shape: [1, 2, 2, 2])
    let upstream = ReferenceTensor([3, 5], shape: [1, 2, 1, 1])
    expectClose(
      ties.tensor(layout: layout).maxPoolGradient(upstream.tensor(layout: layout)),
      ReferenceTensor([3, 0, 0, 0, 0, 5, 0, 0], shape: [1, 2, 2, 2]), .exact)
  }

  @Test(arguments: FeatureMapCases.shapes)
  func sumsAndRepeats(shape: [Int]) {
    var random = CounterBasedRandom(test: 2)
    let x = ReferenceTensor.random(shape, using: &random)
    for layout in FeatureMapCases.layouts {
      let tensor = x.tensor(layout: layout)
      expectClose(tensor.windowsSummed(times: 0.25), x.averagePooled(), .normwise(1e-6))
      let upsampled = tensor.windowsRepeated(
        times: 0.5, height: 2 * shape[2], width: 2 * shape[3])
      expectClose(upsampled, x.upsampledNearest() * 0.5, .exact)
      expectPaddingIsZero(upsampled)
      let larger = tensor.windowsRepeated(
        times: 1, height: 2 * shape[2] + 1, width: 2 * shape[3] + 1)
      expectPaddingIsZero(larger)
      expectClose(
        larger,
        x.upsampledNearest().pasted(
          into: CropWindows(
            tops: Array(repeating: 0, count: shape[0]), lefts: Array(repeating: 0, count: shape[0]),
            height: 2 * shape[2], width: 2 * shape[3]), height: 2 * shape[2] + 1,
          width: 2 * shape[3] + 1), .exact, "an odd last row and column")
    }
  }
}

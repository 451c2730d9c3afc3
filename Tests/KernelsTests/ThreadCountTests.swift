import CKernels
import Kernels
import TensorCore
import TestSupport
import Testing

/// The bits of a result must not depend on how many threads computed it.
@Suite("Thread count")
struct ThreadCountTests {
  @Test(arguments: FeatureMapCases.layouts)
  func ourKernelsGiveTheSameBits(layout: Layout) {
    var random = CounterBasedRandom(test: 1)
    let x = ReferenceTensor.random([2, 21, 64, 49], using: &random).tensor(layout: layout)
    let y = ReferenceTensor.random([2, 21, 64, 49], using: &random).tensor(layout: layout)
    let guide = ReferenceTensor.random([2, 1, 64, 49], using: &random).tensor()
    expectSameBits("\(layout)") {
      let normalization = Normalization(like: x, group: .batch)
      let moments = normalization.moments(x)
      let (sums, products) = normalization.gradientSums(
        x, mean: moments.mean, scale: moments.variance, shift: nil, negativeSlope: 0.1,
        outputGradient: y)
      return [
        floats(moments.mean), floats(moments.variance), floats(sums), floats(products),
        normalization.normalized(
          x, mean: moments.mean, scale: moments.variance, shift: nil, negativeSlope: 0.1),
        Tensor(Float(x.total)), Tensor(Float(x.guidedL1(to: y, guide: guide))),
        x.guidedL1Gradient(to: y, guide: guide, scale: 1), x.summedOverChannels(), x + y,
        x.mapped(CKERNELS_TANH), x.maxPooled(), x.maxPoolGradient(x.maxPooled()),
        x.windowsSummed(times: 0.25), x.converted(to: .plain).summed(along: 2),
        x.converted(to: .plain),
      ]
    }
  }

  @Test(arguments: ConvolutionBackend.allCases, [3, 5])
  func convolutionsGiveTheSameBits(backend: ConvolutionBackend, kernel: Int) {
    var random = CounterBasedRandom(test: 2)
    let x = ReferenceTensor.random([2, 16, 33, 30], using: &random).tensor(layout: .native)
    let y = ReferenceTensor.random([2, 24, 33, 30], using: &random).tensor(layout: .native)
    let weight = ReferenceTensor.random([24, 16, kernel, kernel], using: &random).tensor()
    let settings = ConvolutionSettings(padding: kernel / 2)
    expectSameBits("\(backend)") {
      ConvolutionBackend.$current.withValue(backend) {
        [
          x.convolved(with: weight, settings: settings),
          y.convolutionDataGradient(
            weight: weight, inputShape: x.shape, layout: .native, settings: settings),
          x.convolutionWeightGradient(
            outputGradient: y, weightShape: weight.shape, settings: settings),
        ]
      }
    }
  }

  /// Few channels, in double precision: neither threads nor other images change a bit.
  @Test func narrowConvolutionsGiveTheSameBits() {
    var random = CounterBasedRandom(test: 3)
    let x = ReferenceTensor.random([4, 5, 33, 70], using: &random).tensor()
    let y = ReferenceTensor.random([4, 3, 33, 70], using: &random).tensor()
    let weight = ReferenceTensor.random([3, 5, 3, 3], using: &random).tensor()
    let settings = ConvolutionSettings(padding: 1)
    expectSameBits("narrow") {
      [
        x.convolved(with: weight, settings: settings),
        y.convolutionDataGradient(
          weight: weight, inputShape: x.shape, layout: .plain, settings: settings),
        x.convolutionWeightGradient(
          outputGradient: y, weightShape: weight.shape, settings: settings),
      ]
    }
    let alone = Tensor(Array(x.elements.prefix(5 * 33 * 70)), shape: [1, 5, 33, 70])
    let first = alone.convolved(with: weight, settings: settings).elements
    #expect(x.convolved(with: weight, settings: settings).elements.starts(with: first))
  }

  /// The values with all their bits.
  private func floats(_ values: [Double]) -> Tensor {
    Tensor(
      values.flatMap { value in
        [value.bitPattern >> 32, value.bitPattern & 0xffff_ffff].map {
          Float(bitPattern: UInt32($0))
        }
      }, shape: [values.count * 2])
  }

  private func expectSameBits(_ subject: String, _ compute: () -> [Tensor]) {
    let before = ckernels_thread_count()
    defer { ckernels_set_thread_count(before) }
    ckernels_set_thread_count(1)
    let single = compute()
    for count: Int32 in [2, 3] {
      ckernels_set_thread_count(count)
      for (index, (a, b)) in zip(compute(), single).enumerated() {
        let differing = a.withUnsafeFloats { a in
          b.withUnsafeFloats { b in a.indices.count { a[$0].bitPattern != b[$0].bitPattern } }
        }
        #expect(differing == 0, "\(subject), result \(index), \(count) threads")
      }
    }
  }
}

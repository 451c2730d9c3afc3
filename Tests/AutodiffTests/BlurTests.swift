import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Blur")
struct BlurTests {
  /// Bilinear interpolation as PyTorch defines it: at (i + 1/2) / 2 - 1/2 between the centres of pixels.
  private static func doubled(_ x: ReferenceTensor) -> ReferenceTensor {
    let (height, width) = (x.shape[2], x.shape[3])
    func weights(_ index: Int, _ count: Int) -> [(Int, Double)] {
      let place = max((Double(index) + 0.5) / 2 - 0.5, 0)
      let low = min(Int(place), count - 1)
      let part = place - Double(low)
      return [(low, 1 - part), (min(low + 1, count - 1), part)]
    }
    return ReferenceTensor(shape: [x.shape[0], x.shape[1], 2 * height, 2 * width]) { index in
      let (plane, row, column) = (
        index / (4 * height * width), index / (2 * width) % (2 * height), index % (2 * width)
      )
      var sum = 0.0
      for (h, a) in weights(row, height) {
        for (w, b) in weights(column, width) {
          sum += a * b * x.elements[(plane * height + h) * width + w]
        }
      }
      return sum
    }
  }

  @Test(arguments: [[2, 3, 4, 5], [1, 1, 1, 3], [1, 17, 2, 1]])
  func bilinearUpsampling(shape: [Int]) {
    var check = GradientCheck("bilinear upsampling")
    check.seeds = 5
    check.expectGradients(
      of: [.featureMaps(shape)], operation: { $0[0].upsampledBilinear() },
      reference: { Self.doubled($0[0]) })
  }

  @Test func secondDerivatives() {
    var check = SecondDerivativeCheck("bilinear upsampling")
    check.seeds = 3
    check.expectPenaltyGradients(
      of: [.featureMaps([1, 2, 2, 3])],
      operation: { $0[0].upsampledBilinear().weightedSquares() },
      reference: { Self.doubled($0[0]).weightedSquares() })
  }

  /// Rounded once from single precision.
  @Test func halfPrecision() {
    var random = CounterBasedRandom(test: 1)
    let x = ReferenceTensor.random([2, 5, 6, 7], using: &random).tensor(layout: .native)
    let half = x.converted(to: .native, .bfloat16)
    let expected = half.converted(to: .native, .float32).blurred().converted(to: .native, .bfloat16)
    expectClose(half.blurred(), expected, .exact)
    expectPaddingIsZero(half.blurred().converted(to: .native, .float32))
  }
}

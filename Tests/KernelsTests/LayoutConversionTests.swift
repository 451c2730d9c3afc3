import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Layout conversion")
struct LayoutConversionTests {
  @Test(arguments: [1, 3, 7, 8, 9, 15, 16, 17, 40], [8, 16])
  func aRoundTripKeepsEveryBit(channels: Int, block: Int) {
    var random = CounterBasedRandom(test: channels)
    for (batch, height, width) in [(1, 1, 1), (1, 5, 3), (3, 4, 7)] {
      let values = ReferenceTensor.random([batch, channels, height, width], using: &random)
      let blocked = values.tensor(layout: .blocked(block))
      #expect(blocked.layout == .blocked(block))
      expectClose(blocked.converted(to: .plain), values, .exact)
      expectPaddingIsZero(blocked)
    }
  }

  @Test func blockedElementsLieWhereTheLayoutSays() {
    let values = ReferenceTensor(shape: [2, 11, 2, 3]) { Double($0) }
    let blocked = values.tensor(layout: .blocked(8))
    blocked.withUnsafeFloats { memory in
      for n in 0..<2 {
        for c in 0..<16 {
          for h in 0..<2 {
            for w in 0..<3 {
              let stored = memory[((((n * 2 + c / 8) * 2 + h) * 3) + w) * 8 + c % 8]
              #expect(Double(stored) == (c < 11 ? values[n, c, h, w] : 0))
            }
          }
        }
      }
    }
  }

  @Test func betweenTwoBlockSizes() {
    var random = CounterBasedRandom(test: 1)
    let values = ReferenceTensor.random([2, 21, 3, 3], using: &random)
    let wide = values.tensor(layout: .blocked(8)).converted(to: .blocked(16))
    #expect(wide.layout == .blocked(16))
    expectPaddingIsZero(wide)
    expectClose(wide, values, .exact)
  }

  @Test func theSameLayoutIsNoCopy() {
    let tensor = Tensor(repeating: 1, shape: [1, 8, 2, 2]).converted(to: .native)
    #expect(tensor.converted(to: .native).storage === tensor.storage)
  }
}

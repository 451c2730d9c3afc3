import TensorCore
import Testing

@Suite("Layout")
struct LayoutTests {
  @Test func channelBlocks() {
    #expect(Layout.plain.channelBlock == 1)
    #expect(Layout.blocked(16).channelBlock == 16)
    #expect(Layout.blocked(8) != Layout.blocked(16))
  }

  @Test(arguments: [(1, 8), (7, 8), (8, 8), (9, 16), (16, 16), (17, 24)])
  func aBlockedTensorHoldsWholeBlocks(channels: Int, stored: Int) {
    let shape = Shape([2, channels, 3, 5])
    #expect(Tensor(uninitialized: shape).storedElementCount == 2 * channels * 15)
    #expect(
      Tensor(uninitialized: shape, layout: .blocked(8)).storedElementCount == 2 * stored * 15)
    let sixteens = (stored + 15) / 16 * 16
    let wide = Tensor(uninitialized: shape, layout: .blocked(16))
    #expect(wide.storedElementCount == 2 * sixteens * 15)
    #expect(wide.storage.byteCount == wide.storedElementCount * 4)
  }
}

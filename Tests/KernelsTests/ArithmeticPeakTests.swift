import Kernels
import Testing

@Suite struct ArithmeticPeakTests {
  /// No processor of today is outside these bounds, however busy; an optimiser that removes the
  /// multiplications would be.
  @Test func isThatOfAProcessor() {
    let peak = arithmeticPeak()
    #expect(peak > 1e8 && peak < 1e15)
  }
}

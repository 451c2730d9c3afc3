import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Kernel profile")
struct KernelProfileTests {
  @Test func countsConvolutionsByShapeAndDirection() {
    // A shape that no other test uses: they run at the same time.
    let shape: Shape = [1, 5, 29, 31]
    let x = Tensor(repeating: 1, shape: shape)
    let weight = Tensor(repeating: 1, shape: [7, 5, 3, 3])
    let settings = ConvolutionSettings(padding: 1)
    KernelProfile.start()
    for _ in 0..<3 { _ = x.convolved(with: weight, settings: settings) }
    let y = Tensor(repeating: 1, shape: [1, 7, 29, 31])
    _ = x.convolutionWeightGradient(
      outputGradient: y, weightShape: weight.shape, settings: settings)
    let rows = KernelProfile.stop().filter { $0.shape.input == shape }
    #expect(rows.first { $0.direction == .forward }?.calls == 3)
    #expect(rows.first { $0.direction == .weightGradient }?.calls == 1)
    #expect(!rows.contains { $0.direction == .dataGradient })
    #expect(rows.allSatisfy { !$0.implementation.isEmpty && $0.seconds > 0 })
    _ = x.convolved(with: weight, settings: settings)
    #expect(KernelProfile.stop().isEmpty)
  }
}

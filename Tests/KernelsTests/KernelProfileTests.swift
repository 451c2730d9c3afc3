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

    // Taps that only see padding are left out: (map, kernel, settings, kernel that is computed).
    let cases: [(Int, Int, ConvolutionSettings, Int)] = [
      (2, 5, ConvolutionSettings(stride: 2, padding: 2), 2),
      (4, 5, ConvolutionSettings(stride: 2, padding: 2), 5),
      (16, 3, ConvolutionSettings(padding: 16, dilation: 16), 1),
      (16, 3, ConvolutionSettings(padding: 8, dilation: 8), 3),
    ]
    for (extent, kernel, settings, computed) in cases {
      let x = Tensor(repeating: 1, shape: [3, 41, extent, extent])
      let weight = Tensor(repeating: 1, shape: [43, 41, kernel, kernel])
      KernelProfile.start()
      _ = ConvolutionBackend.automatic.withOwnCode {
        x.convolved(with: weight, settings: settings)
      }
      let rows = KernelProfile.stop().filter { $0.shape.input == x.shape }
      #expect(rows.map(\.shape.kernelHeight) == [computed], "\(extent) \(settings)")
    }
  }
}

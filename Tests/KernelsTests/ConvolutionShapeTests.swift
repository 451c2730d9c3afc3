import Kernels
import TensorCore
import Testing

@Suite("Convolution shape")
struct ConvolutionShapeTests {
  @Test func extents() {
    let shape = ConvolutionShape(
      input: [2, 4, 256, 255], weight: [64, 4, 5, 5],
      settings: ConvolutionSettings(stride: 2, padding: 2))
    #expect(shape.output == [2, 64, 128, 128])
    #expect(shape.operationCount == 2 * 2 * 128 * 128 * 64 * 4 * 25)
    let dilated = ConvolutionShape(
      input: [1, 8, 20, 20], weight: [8, 8, 3, 3],
      settings: ConvolutionSettings(padding: 8, dilation: 8))
    #expect(dilated.output == [1, 8, 20, 20])
    #expect(dilated.input == [1, 8, 20, 20])
    #expect(dilated.weight == [8, 8, 3, 3])
  }
}

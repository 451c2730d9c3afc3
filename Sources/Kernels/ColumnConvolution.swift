import CBLAS
import CKernels
import TensorCore

/// Convolutions as matrix products over the columns of all windows (im2col), in the plain layout.
struct ColumnConvolution {
  private let shape: ConvolutionShape
  private let window: ckernels_window_shape

  init(_ shape: ConvolutionShape) {
    self.shape = shape
    window = ckernels_window_shape(
      channels: shape.inputChannels, height: shape.inputHeight, width: shape.inputWidth,
      out_height: shape.outputHeight, out_width: shape.outputWidth,
      kernel_height: shape.kernelHeight, kernel_width: shape.kernelWidth,
      stride: shape.settings.stride, dilation: shape.settings.dilation,
      padding: shape.settings.padding)
  }

  private var columnCount: Int { shape.outputHeight * shape.outputWidth }
  private var tapCount: Int { shape.weight.elementCount / shape.outputChannels }
  private var inputSize: Int { shape.input.elementCount / shape.batch }
  private var outputSize: Int { shape.output.elementCount / shape.batch }

  func forward(_ input: Tensor, _ weight: Tensor, bias: Tensor?, negativeSlope: Float?) -> Tensor {
    let input = input.converted(to: .plain)
    var output = Tensor(uninitialized: shape.output)
    let columns = Tensor(uninitialized: [tapCount, columnCount])
    withUnsafePointer(to: window) { window in
      for image in 0..<shape.batch {
        ckernels_image_to_columns(
          window, input.pointer + image * inputSize, columns.mutablePointer)
        cblas_bridge_multiply(
          0, 0, Int32(shape.outputChannels), Int32(columnCount), Int32(tapCount), weight.pointer,
          columns.pointer, 0, output.mutablePointer + image * outputSize)
      }
    }
    if let bias { output = output.addingToChannels(bias) }
    if let negativeSlope { output = output.mapped(CKERNELS_LEAKY_RELU, negativeSlope) }
    return output
  }

  func dataGradient(_ outputGradient: Tensor, _ weight: Tensor) -> Tensor {
    let outputGradient = outputGradient.converted(to: .plain)
    let inputGradient = Tensor(uninitialized: shape.input)
    let columns = Tensor(uninitialized: [tapCount, columnCount])
    withUnsafePointer(to: window) { window in
      for image in 0..<shape.batch {
        cblas_bridge_multiply(
          1, 0, Int32(tapCount), Int32(columnCount), Int32(shape.outputChannels), weight.pointer,
          outputGradient.pointer + image * outputSize, 0, columns.mutablePointer)
        ckernels_columns_to_image(
          window, columns.pointer, inputGradient.mutablePointer + image * inputSize)
      }
    }
    return inputGradient
  }

  func weightGradient(_ input: Tensor, _ outputGradient: Tensor) -> Tensor {
    let (input, outputGradient) = (
      input.converted(to: .plain), outputGradient.converted(to: .plain)
    )
    let weightGradient = Tensor(uninitialized: shape.weight)
    let columns = Tensor(uninitialized: [tapCount, columnCount])
    withUnsafePointer(to: window) { window in
      for image in 0..<shape.batch {
        ckernels_image_to_columns(
          window, input.pointer + image * inputSize, columns.mutablePointer)
        cblas_bridge_multiply(
          0, 1, Int32(shape.outputChannels), Int32(tapCount), Int32(columnCount),
          outputGradient.pointer + image * outputSize, columns.pointer, image == 0 ? 0 : 1,
          weightGradient.mutablePointer)
      }
    }
    return weightGradient
  }
}

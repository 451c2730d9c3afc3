import CBLAS
import CKernels
import TensorCore

/// Convolutions as matrix products over the columns of all windows (im2col), in the plain layout.
///
/// Products and sums are in double precision, so that a result is rounded once.
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

  private var pixelCount: Int { shape.outputHeight * shape.outputWidth }
  private var tapCount: Int { shape.weight.elementCount / shape.outputChannels }
  private var inputSize: Int { shape.input.elementCount / shape.batch }
  private var outputSize: Int { shape.output.elementCount / shape.batch }

  func forward(_ input: Tensor, _ weight: Tensor, bias: Tensor?, negativeSlope: Float?) -> Tensor {
    let input = input.converted(to: .plain)
    let output = Tensor(uninitialized: shape.output)
    let weight = DoubleBuffer(weight)
    let columns = DoubleBuffer(count: tapCount * pixelCount)
    let sums = DoubleBuffer(count: outputSize)
    withUnsafePointer(to: window) { window in
      for image in 0..<shape.batch {
        ckernels_image_to_columns(window, input.pointer + image * inputSize, columns.pointer)
        cblas_bridge_multiply_double(
          0, 0, Int32(shape.outputChannels), Int32(pixelCount), Int32(tapCount), 1, weight.pointer,
          columns.pointer, 0, sums.pointer)
        ckernels_round_planes(
          sums.pointer, bias?.pointer, negativeSlope ?? 1, shape.outputChannels, pixelCount,
          output.mutablePointer + image * outputSize)
      }
    }
    return output
  }

  func dataGradient(_ outputGradient: Tensor, _ weight: Tensor) -> Tensor {
    let outputGradient = DoubleBuffer(outputGradient)
    let inputGradient = Tensor(uninitialized: shape.input)
    let weight = DoubleBuffer(weight)
    let columns = DoubleBuffer(count: tapCount * pixelCount)
    let sums = DoubleBuffer(count: inputSize)
    withUnsafePointer(to: window) { window in
      for image in 0..<shape.batch {
        cblas_bridge_multiply_double(
          1, 0, Int32(tapCount), Int32(pixelCount), Int32(shape.outputChannels), 1, weight.pointer,
          outputGradient.pointer + image * outputSize, 0, columns.pointer)
        ckernels_columns_to_image(window, columns.pointer, sums.pointer)
        ckernels_round_planes(
          sums.pointer, nil, 1, 1, inputSize, inputGradient.mutablePointer + image * inputSize)
      }
    }
    return inputGradient
  }

  func weightGradient(_ input: Tensor, _ outputGradient: Tensor) -> Tensor {
    let input = input.converted(to: .plain)
    let outputGradient = DoubleBuffer(outputGradient)
    let weightGradient = Tensor(uninitialized: shape.weight)
    let columns = DoubleBuffer(count: tapCount * pixelCount)
    let sums = DoubleBuffer(count: shape.weight.elementCount)
    withUnsafePointer(to: window) { window in
      for image in 0..<shape.batch {
        ckernels_image_to_columns(window, input.pointer + image * inputSize, columns.pointer)
        cblas_bridge_multiply_double(
          0, 1, Int32(shape.outputChannels), Int32(tapCount), Int32(pixelCount), 1,
          outputGradient.pointer + image * outputSize, columns.pointer, image == 0 ? 0 : 1,
          sums.pointer)
      }
    }
    ckernels_round_planes(
      sums.pointer, nil, 1, 1, shape.weight.elementCount, weightGradient.mutablePointer)
    return weightGradient
  }
}

/// Numbers in double precision, in memory of the pool.
private struct DoubleBuffer {
  private let storage: Storage

  /// Numbers that are still to be written.
  init(count: Int) { storage = Storage(byteCount: count * MemoryLayout<Double>.stride) }

  /// A tensor's numbers in the plain layout.
  init(_ tensor: Tensor) {
    let tensor = tensor.converted(to: .plain)
    self.init(count: tensor.storedElementCount)
    ckernels_widen(tensor.pointer, tensor.storedElementCount, pointer)
  }

  var pointer: UnsafeMutablePointer<Double> {
    storage.pointer.assumingMemoryBound(to: Double.self)
  }
}

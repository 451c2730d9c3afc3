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

  /// Images whose columns stand side by side in one product: all, where there are few columns.
  private var imagesAtOnce: Int { min(max((1 << 22) / (tapCount * pixelCount), 1), shape.batch) }

  func forward(_ input: Tensor, _ weight: Tensor, bias: Tensor?, negativeSlope: Float?) -> Tensor {
    let input = input.converted(to: .plain)
    let output = Tensor(uninitialized: shape.output)
    let weight = DoubleBuffer(weight)
    let columns = DoubleBuffer(count: tapCount * pixelCount * imagesAtOnce)
    let sums = DoubleBuffer(count: outputSize * imagesAtOnce)
    forEachGroup { first, count in
      fill(columns, from: input, first, count)
      cblas_bridge_multiply_double(
        0, 0, Int32(shape.outputChannels), Int32(count * pixelCount), Int32(tapCount), 1,
        weight.pointer, columns.pointer, 0, sums.pointer)
      ckernels_round_planes(
        sums.pointer, bias?.pointer, negativeSlope ?? 1, count, shape.outputChannels, pixelCount,
        output.mutablePointer + first * outputSize)
    }
    return output
  }

  func dataGradient(_ outputGradient: Tensor, _ weight: Tensor) -> Tensor {
    let outputGradient = outputGradient.converted(to: .plain)
    let inputGradient = Tensor(uninitialized: shape.input)
    let weight = DoubleBuffer(weight)
    let gradient = DoubleBuffer(count: outputSize * imagesAtOnce)
    let columns = DoubleBuffer(count: tapCount * pixelCount * imagesAtOnce)
    let sums = DoubleBuffer(count: inputSize)
    forEachGroup { first, count in
      fill(gradient, fromGradient: outputGradient, first, count)
      cblas_bridge_multiply_double(
        1, 0, Int32(tapCount), Int32(count * pixelCount), Int32(shape.outputChannels), 1,
        weight.pointer, gradient.pointer, 0, columns.pointer)
      withUnsafePointer(to: window) { window in
        for image in 0..<count {
          ckernels_columns_to_image(
            window, columns.pointer + image * pixelCount, count * pixelCount, sums.pointer)
          ckernels_round_planes(
            sums.pointer, nil, 1, 1, 1, inputSize,
            inputGradient.mutablePointer + (first + image) * inputSize)
        }
      }
    }
    return inputGradient
  }

  func weightGradient(_ input: Tensor, _ outputGradient: Tensor) -> Tensor {
    let (input, outputGradient) = (
      input.converted(to: .plain), outputGradient.converted(to: .plain)
    )
    let weightGradient = Tensor(uninitialized: shape.weight)
    let gradient = DoubleBuffer(count: outputSize * imagesAtOnce)
    let columns = DoubleBuffer(count: tapCount * pixelCount * imagesAtOnce)
    let sums = DoubleBuffer(count: shape.weight.elementCount)
    forEachGroup { first, count in
      fill(columns, from: input, first, count)
      fill(gradient, fromGradient: outputGradient, first, count)
      cblas_bridge_multiply_double(
        0, 1, Int32(shape.outputChannels), Int32(tapCount), Int32(count * pixelCount), 1,
        gradient.pointer, columns.pointer, first == 0 ? 0 : 1, sums.pointer)
    }
    ckernels_round_planes(
      sums.pointer, nil, 1, 1, 1, shape.weight.elementCount, weightGradient.mutablePointer)
    return weightGradient
  }

  /// Calls a function with the first image and the size of each group.
  private func forEachGroup(_ body: (_ first: Int, _ count: Int) -> Void) {
    for first in stride(from: 0, to: shape.batch, by: imagesAtOnce) {
      body(first, min(imagesAtOnce, shape.batch - first))
    }
  }

  /// The columns of some images, [taps, images, pixels].
  private func fill(_ columns: DoubleBuffer, from input: Tensor, _ first: Int, _ count: Int) {
    withUnsafePointer(to: window) { window in
      for image in 0..<count {
        ckernels_image_to_columns(
          window, input.pointer + (first + image) * inputSize, count * pixelCount,
          columns.pointer + image * pixelCount)
      }
    }
  }

  /// The output gradients of some images, [channels, images, pixels].
  private func fill(
    _ gradient: DoubleBuffer, fromGradient outputGradient: Tensor, _ first: Int, _ count: Int
  ) {
    ckernels_widen_planes(
      outputGradient.pointer + first * outputSize, count, shape.outputChannels, pixelCount,
      gradient.pointer)
  }
}

/// Numbers in double precision, in memory of the pool.
private struct DoubleBuffer {
  private let storage: Storage

  /// Numbers that are still to be written.
  init(count: Int) { storage = Storage(byteCount: count * MemoryLayout<Double>.stride) }

  /// A plain tensor's numbers.
  init(_ tensor: Tensor) {
    self.init(count: tensor.shape.elementCount)
    ckernels_widen_planes(tensor.pointer, 1, 1, tensor.shape.elementCount, pointer)
  }

  var pointer: UnsafeMutablePointer<Double> {
    storage.pointer.assumingMemoryBound(to: Double.self)
  }
}

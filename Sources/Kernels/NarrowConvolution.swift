import CKernels
import TensorCore

/// Convolutions of stride 1 between few channels, in the plain layout: layouts in blocks of channels would
/// be filled up with zeros.
///
/// Products and sums are in double precision, like those of `ColumnConvolution`, which is the check.
struct NarrowConvolution {
  private let shape: ConvolutionShape

  init(_ shape: ConvolutionShape) { self.shape = shape }

  static func isPossible(for shape: ConvolutionShape) -> Bool {
    let settings = shape.settings
    let reach = settings.dilation * (shape.kernelWidth - 1)
    // Rows are computed in runs of 64 outputs, which narrower maps would leave mostly empty.
    return settings.stride == 1 && settings.trailingPadding == 0 && shape.outputWidth >= 16
      && max(shape.inputChannels, shape.outputChannels) * shape.kernelHeight <= CKERNELS_NARROW_ROWS
      && reach <= CKERNELS_NARROW_REACH && settings.padding <= reach
      && shape.kernelHeight == shape.kernelWidth
  }

  func forward(_ input: Tensor, _ weight: Tensor, bias: Tensor?, negativeSlope: Float?) -> Tensor {
    let output = Tensor(uninitialized: shape.output)
    convolve(
      input, weight.doubles, window(of: shape.input, padding: shape.settings.padding), bias: bias,
      negativeSlope: negativeSlope, into: output)
    return output
  }

  /// The convolution of the output gradient with the weight mirrored.
  func dataGradient(_ outputGradient: Tensor, _ weight: Tensor) -> Tensor {
    let taps = shape.kernelHeight * shape.kernelWidth
    let (outputs, inputs) = (shape.outputChannels, shape.inputChannels)
    let values = weight.doubles
    let mirrored = (0..<inputs * outputs * taps).map { place in
      let (input, rest) = place.quotientAndRemainder(dividingBy: outputs * taps)
      let (output, tap) = rest.quotientAndRemainder(dividingBy: taps)
      return values[(output * inputs + input) * taps + taps - 1 - tap]
    }
    let reach = shape.settings.dilation * (shape.kernelHeight - 1)
    var window = window(of: shape.output, padding: reach - shape.settings.padding)
    (window.out_height, window.out_width) = (shape.inputHeight, shape.inputWidth)
    let inputGradient = Tensor(uninitialized: shape.input)
    convolve(
      outputGradient, mirrored, window, bias: nil, negativeSlope: nil, into: inputGradient)
    return inputGradient
  }

  func weightGradient(_ input: Tensor, _ outputGradient: Tensor) -> Tensor {
    let (input, gradient) = (input.converted(to: .plain), outputGradient.converted(to: .plain))
    let weightGradient = Tensor(uninitialized: shape.weight)
    withUnsafePointer(to: window(of: shape.input, padding: shape.settings.padding)) { window in
      let count = ckernels_narrow_weight_gradient_scratch(
        window, shape.batch, shape.outputChannels)
      let scratch = Storage(byteCount: count * MemoryLayout<Double>.stride)
      ckernels_narrow_weight_gradient(
        window, shape.batch, shape.outputChannels, input.pointer, gradient.pointer,
        scratch.pointer.assumingMemoryBound(to: Double.self), weightGradient.mutablePointer)
    }
    return weightGradient
  }

  private func convolve(
    _ input: Tensor, _ weight: [Double], _ window: ckernels_window_shape, bias: Tensor?,
    negativeSlope: Float?, into output: Tensor
  ) {
    let input = input.converted(to: .plain)
    withUnsafePointer(to: window) {
      ckernels_narrow_convolution(
        $0, shape.batch, output.shape[1], input.pointer, weight, bias?.pointer,
        negativeSlope ?? 1, output.mutablePointer)
    }
  }

  private func window(of input: Shape, padding: Int) -> ckernels_window_shape {
    ckernels_window_shape(
      channels: input[1], height: input[2], width: input[3], out_height: shape.outputHeight,
      out_width: shape.outputWidth, kernel_height: shape.kernelHeight,
      kernel_width: shape.kernelWidth, stride: 1, dilation: shape.settings.dilation,
      padding: padding)
  }
}

extension Tensor {
  /// The elements in double precision.
  fileprivate var doubles: [Double] { withUnsafeFloats { $0.map(Double.init) } }
}

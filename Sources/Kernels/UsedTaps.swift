import TensorCore

/// The taps of a convolution's windows that meet the input anywhere; the others only see padding.
///
/// Small maps leave out much of a large window: of 5x5 taps with stride 2, four meet a map of 2x2, and
/// of 3x3 taps with dilation 16 one meets a map of 16x16. The smaller convolution has the same sums.
struct UsedTaps {
  /// The first row and column that is used.
  let first: Int
  /// Rows and columns that are used.
  let count: Int
  /// Of the smaller convolution.
  let settings: ConvolutionSettings
  private let kernel: Int

  /// The used taps, where they are fewer and the smaller convolution has the same outputs.
  init?(_ shape: ConvolutionShape) {
    guard shape.kernelHeight == shape.kernelWidth else { return nil }
    let settings = shape.settings
    func meets(_ tap: Int, _ inputs: Int, _ outputs: Int) -> Bool {
      (0..<outputs).contains { output in
        let place = output * settings.stride + tap * settings.dilation - settings.padding
        return (0..<inputs).contains(place)
      }
    }
    func used(_ inputs: Int, _ outputs: Int) -> ClosedRange<Int>? {
      let taps = (0..<shape.kernelHeight).filter { meets($0, inputs, outputs) }
      guard let first = taps.first, let last = taps.last else { return nil }
      return first...last
    }
    guard let taps = used(shape.inputHeight, shape.outputHeight),
      taps == used(shape.inputWidth, shape.outputWidth), taps.count < shape.kernelHeight
    else { return nil }
    (first, count, kernel) = (taps.lowerBound, taps.count, shape.kernelHeight)
    let padding = settings.padding - first * settings.dilation
    let trailing =
      settings.padding + settings.trailingPadding
      - (kernel - 1 - taps.upperBound) * settings.dilation
    self.settings = ConvolutionSettings(
      stride: settings.stride, padding: padding, dilation: settings.dilation,
      trailingPadding: max(trailing, padding) - padding)
    let smaller = ConvolutionShape(
      input: shape.input, weight: [shape.outputChannels, shape.inputChannels, count, count],
      settings: self.settings)
    guard padding >= 0, smaller.output == shape.output else { return nil }
  }

  /// The used taps of a weight, [O, I, count, count]; kept until the weight changes.
  func cut(_ weight: Tensor) -> Tensor {
    weight.storage.derived("taps \(first) \(count) \(weight.shape)") {
      let result = Tensor(uninitialized: [weight.shape[0], weight.shape[1], count, count])
      let (source, target) = (weight.pointer, result.mutablePointer)
      parallelFor(weight.shape[0]) { output in
        forEachRow(ofOutput: output, weight.shape[1]) { full, used in
          (target + used).update(from: source + full, count: count)
        }
      }
      return result
    }
  }

  /// The gradient of a weight from that of its used taps: zero for the others.
  func spread(_ gradient: Tensor) -> Tensor {
    let (outputs, inputs) = (gradient.shape[0], gradient.shape[1])
    let result = Tensor(uninitialized: [outputs, inputs, kernel, kernel])
    let (source, target) = (gradient.pointer, result.mutablePointer)
    let size = inputs * kernel * kernel
    parallelFor(outputs) { output in
      (target + output * size).update(repeating: 0, count: size)
      forEachRow(ofOutput: output, inputs) { full, used in
        (target + full).update(from: source + used, count: count)
      }
    }
    return result
  }

  /// Calls a function with the places of each used row of an output channel in a weight and in its used
  /// taps.
  private func forEachRow(
    ofOutput output: Int, _ inputs: Int, _ body: (_ full: Int, _ used: Int) -> Void
  ) {
    for window in output * inputs..<(output + 1) * inputs {
      for row in 0..<count {
        body((window * kernel + first + row) * kernel + first, (window * count + row) * count)
      }
    }
  }
}

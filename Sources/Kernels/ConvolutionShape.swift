package import TensorCore

/// The hyper-parameters of a two-dimensional convolution, the same for rows and columns.
package struct ConvolutionSettings: Hashable, Sendable {
  /// Distance of neighbouring windows.
  package var stride: Int
  /// Zeros on each side of the input.
  package var padding: Int
  /// Distance of neighbouring taps of a window; 1 is an ordinary convolution.
  package var dilation: Int
  /// Further zeros at the bottom and at the right.
  package var trailingPadding: Int
  /// The taps that hold zeros, where the input's channels are the four phases of larger maps.
  package var emptyTaps: PhaseTaps?

  /// Makes settings; by default neighbouring windows, no padding, neighbouring taps.
  package init(stride: Int = 1, padding: Int = 0, dilation: Int = 1, trailingPadding: Int = 0) {
    (self.stride, self.padding, self.dilation) = (stride, padding, dilation)
    self.trailingPadding = trailingPadding
  }
}

/// Which rows, and columns, of 3x3 windows hold zeros for all channels of a phase, so that code may leave them out; what it
/// gives as their gradient is not defined.
package struct PhaseTaps: Hashable, Sendable {
  /// The row of windows on even rows, and the column of those on even columns: 0 or 2, nil for none.
  package var even: Int?
  /// The same for odd rows and columns.
  package var odd: Int?
}

/// Everything that decides how a convolution is computed.
package struct ConvolutionShape: Hashable, Sendable {
  /// Images.
  package let batch: Int
  /// Channels, rows and columns of the input.
  package let inputChannels, inputHeight, inputWidth: Int
  /// Channels, rows and columns of the output.
  package let outputChannels, outputHeight, outputWidth: Int
  /// Rows and columns of a window.
  package let kernelHeight, kernelWidth: Int
  /// Stride, padding and dilation.
  package let settings: ConvolutionSettings

  /// The shape of a convolution of `input` [N, I, H, W] with `weight` [O, I, kH, kW].
  ///
  /// - Precondition: The channels agree and the input is not smaller than a window.
  package init(input: Shape, weight: Shape, settings: ConvolutionSettings) {
    precondition(
      input.axisCount == 4 && weight.axisCount == 4 && input[1] == weight[1],
      "conv2D: weight \(weight) does not fit input \(input)")
    func extent(_ size: Int, _ kernel: Int) -> Int {
      (size + 2 * settings.padding + settings.trailingPadding - settings.dilation * (kernel - 1) - 1)
        / settings.stride + 1
    }
    (batch, inputChannels, inputHeight, inputWidth) = (input[0], input[1], input[2], input[3])
    (outputChannels, kernelHeight, kernelWidth) = (weight[0], weight[2], weight[3])
    outputHeight = extent(input[2], weight[2])
    outputWidth = extent(input[3], weight[3])
    self.settings = settings
    precondition(
      outputHeight > 0 && outputWidth > 0, "conv2D: input \(input) is smaller than a window")
  }

  /// The same convolution for some of the images and of the output channels.
  func part(images: Int, outputChannels: Int) -> ConvolutionShape {
    ConvolutionShape(
      input: [images, inputChannels, inputHeight, inputWidth],
      weight: [outputChannels, inputChannels, kernelHeight, kernelWidth], settings: settings)
  }

  /// [N, I, H, W].
  package var input: Shape { [batch, inputChannels, inputHeight, inputWidth] }
  /// [O, I, kH, kW].
  package var weight: Shape { [outputChannels, inputChannels, kernelHeight, kernelWidth] }
  /// [N, O, H', W'].
  package var output: Shape { [batch, outputChannels, outputHeight, outputWidth] }
  /// Floating-point operations of one direction, a multiplication and an addition for each tap.
  package var operationCount: Int { batch * operationsPerImage }
  /// The same for one image.
  var operationsPerImage: Int { 2 * outputHeight * outputWidth * weight.elementCount }
}

/// The three convolutions; each one's derivatives are the other two.
package enum ConvolutionDirection: Int32, Hashable, Sendable, CaseIterable {
  /// Input and weight to output.
  case forward = 0
  /// Output gradient and weight to input gradient; also a transposed convolution.
  case dataGradient = 1
  /// Input and output gradient to weight gradient.
  case weightGradient = 2
}

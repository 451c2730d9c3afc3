import CKernels
import TensorCore

/// 3x3 convolutions of stride 1 by Winograd's F(4x4, 3x3), which needs a quarter of the multiplications.
///
/// - Reference: Lavin and Gray 2016, arXiv 1509.09308.
struct WinogradConvolution {
  private let shape: ConvolutionShape
  private let elementType: ElementType
  private var description: ckernels_winograd_shape

  /// Prepares a convolution of feature maps of a type.
  init(_ shape: ConvolutionShape, _ elementType: ElementType) {
    self.shape = shape
    self.elementType = elementType
    description = ckernels_winograd_shape()
    description.batch = Int32(shape.batch)
    description.inputChannels = Int32(shape.inputChannels)
    description.outputChannels = Int32(shape.outputChannels)
    description.height = Int32(shape.inputHeight)
    description.width = Int32(shape.inputWidth)
    description.padding = Int32(shape.settings.padding)
    description.dilation = Int32(shape.settings.dilation)
    if let taps = shape.settings.emptyTaps {
      description.hasPhases = true
      description.emptyTaps = (Int32(taps.even ?? -1), Int32(taps.odd ?? -1))
    }
    description.channelBlock = Int32(Layout.native.channelBlock)
    description.instructionSet = CKERNELS_AUTOMATIC
    description.elementType = elementType.kernel
  }

  /// Whether Winograd can compute a convolution at all.
  static func isPossible(for shape: ConvolutionShape) -> Bool {
    shape.kernelHeight == 3 && shape.kernelWidth == 3 && shape.settings.stride == 1
      && shape.settings.padding <= 2 * shape.settings.dilation
      && shape.settings.trailingPadding == 0
  }

  /// Whether Winograd is faster than the library: a function of shape, direction, type and instruction
  /// set alone.
  ///
  /// Fitted to measurements on AVX2 and AVX-512: tiles must be well filled and enough to pay for
  /// transforming the weights, and a first layer's few channels are better off with the library. With
  /// dilation the library is slow on AVX2, and in its weight gradients.
  ///
  /// In float32 it rounds ten times as much as a direct convolution, which networks of few channels
  /// and pixels do not average out, and there it saves little. The limit is higher forward, where
  /// rounding changes the sign of activations near zero.
  static func isChosen(
    for shape: ConvolutionShape, _ direction: ConvolutionDirection, _ elementType: ElementType
  ) -> Bool {
    guard isPossible(for: shape), direction != .forward || shape.inputChannels >= 8 else {
      return false
    }
    let useful = Double(shape.batch * shape.outputHeight * shape.outputWidth) / 16
    let dilation = shape.settings.dilation
    func tiles(_ extent: Int) -> Int {
      // Dilation splits rows and columns into interleaved grids.
      min(dilation, extent) * (((extent + dilation - 1) / dilation + 3) / 4)
    }
    let fill = useful / Double(shape.batch * tiles(shape.outputHeight) * tiles(shape.outputWidth))
    if elementType == .float32, max(shape.inputChannels, shape.outputChannels) < 64,
      shape.operationsPerImage < (direction == .forward ? 1 << 25 : 1 << 24)
    {
      return false
    }
    let isNarrow = min(shape.inputChannels, shape.outputChannels) < 32
    let hasSlowLibrary =
      dilation > 1 && (direction == .weightGradient || Layout.native.channelBlock < 16)
    return useful >= 16 && fill >= (hasSlowLibrary ? 0.25 : isNarrow ? 0.75 : 0.5)
  }

  func forward(_ input: Tensor, _ weight: Tensor, bias: Tensor?, negativeSlope: Float?) -> Tensor {
    let input = input.converted(to: .native, elementType)
    let output = Tensor(uninitialized: shape.output, layout: .native, elementType: elementType)
    let packed = packedWeight(weight, .forward)
    run(CKERNELS_WINOGRAD_FORWARD) {
      ckernels_winograd_forward(
        $0, input.rawPointer, packed.pointer, bias?.pointer, negativeSlope ?? 1, $1,
        output.mutableRawPointer)
    }
    return output
  }

  func dataGradient(_ outputGradient: Tensor, _ weight: Tensor) -> Tensor {
    let outputGradient = outputGradient.converted(to: .native, elementType)
    let inputGradient = Tensor(
      uninitialized: shape.input, layout: .native, elementType: elementType)
    let packed = packedWeight(weight, .dataGradient)
    run(CKERNELS_WINOGRAD_DATA_GRADIENT) {
      ckernels_winograd_data_gradient(
        $0, outputGradient.rawPointer, packed.pointer, $1, inputGradient.mutableRawPointer)
    }
    return inputGradient
  }

  func weightGradient(_ input: Tensor, _ outputGradient: Tensor) -> Tensor {
    let input = input.converted(to: .native, elementType)
    let outputGradient = outputGradient.converted(to: .native, elementType)
    let weightGradient = Tensor(uninitialized: shape.weight)
    run(CKERNELS_WINOGRAD_WEIGHT_GRADIENT) {
      ckernels_winograd_weight_gradient(
        $0, input.rawPointer, outputGradient.rawPointer, $1, weightGradient.mutablePointer)
    }
    return weightGradient
  }

  /// The transformed weight, made once for each state of the weight, whatever the image size.
  private func packedWeight(_ weight: Tensor, _ direction: ConvolutionDirection) -> Tensor {
    weight.storage.derived("winograd \(direction) \(description.channelBlock)") {
      withUnsafePointer(to: description) {
        let packed = Tensor(uninitialized: [ckernels_winograd_packed_weight_count($0)])
        let status =
          direction == .forward
          ? ckernels_winograd_pack_forward_weight($0, weight.pointer, packed.mutablePointer)
          : ckernels_winograd_pack_data_gradient_weight($0, weight.pointer, packed.mutablePointer)
        check(status)
        return packed
      }
    }
  }

  /// Runs a kernel with the scratch memory that it needs.
  private func run(
    _ direction: ckernels_winograd_direction,
    _ kernel: (UnsafePointer<ckernels_winograd_shape>, UnsafePointer<ckernels_winograd_scratch>)
      -> Int32
  ) {
    withUnsafePointer(to: description) { description in
      let counts = ckernels_winograd_scratch_count(description, direction)
      let shared = Tensor(uninitialized: [counts.shared])
      let threads = Int(ckernels_thread_count())
      ThreadScratch.withParts(threads: threads, of: counts.thread) {
        var scratch = ckernels_winograd_scratch(
          shared: shared.mutablePointer, sharedCount: counts.shared, threads: $0,
          threadsCount: threads * $1, threadStride: $1)
        check(kernel(description, &scratch))
      }
    }
  }

  /// The kernels refuse only shapes that `isPossible` excludes.
  private func check(_ status: Int32) {
    precondition(status == 0, "Winograd refused \(shape): status \(status)")
  }
}

package import TensorCore

extension Tensor {
  /// The convolution of feature maps with a weight.
  ///
  /// - Parameters:
  ///   - weight: [O, I, kH, kW], plain.
  ///   - bias: [O], or nil for none.
  ///   - settings: Stride, padding and dilation.
  ///   - negativeSlope: Slope of a leaky ReLU applied to the result; nil for no activation.
  /// - Returns: [N, O, H', W'], in this tensor's type.
  package func convolved(
    with weight: Tensor, bias: Tensor? = nil, settings: ConvolutionSettings,
    negativeSlope: Float? = nil
  ) -> Tensor {
    let shape = ConvolutionShape(input: shape, weight: weight.shape, settings: settings)
    if let taps = ConvolutionBackend.current.usedTaps(of: shape, elementType) {
      return convolved(
        with: taps.cut(weight), bias: bias, settings: taps.settings, negativeSlope: negativeSlope)
    }
    return KernelProfile.measure(shape, .forward) { implementation in
      switch ConvolutionBackend.current.computing(shape, elementType) {
      case .columns where ConvolutionBackend.current.sparesColumns(shape):
        implementation = "narrow"
        return NarrowConvolution(shape)
          .forward(self, weight, bias: bias, negativeSlope: negativeSlope)
      case .columns:
        implementation = "openblas"
        return ColumnConvolution(shape)
          .forward(self, weight, bias: bias, negativeSlope: negativeSlope)
          .converted(to: elementType)
      case let backend where backend.usesWinograd(for: shape, .forward, elementType):
        implementation = "winograd"
        return WinogradConvolution(shape, elementType)
          .forward(self, weight, bias: bias, negativeSlope: negativeSlope)
      default:
        return LibraryConvolution.forward(
          self, weight, bias: bias, negativeSlope: negativeSlope, shape: shape, &implementation)
      }
    }
  }

  /// The gradient of a convolution by its input; this tensor is the output gradient, [N, O, H', W'].
  ///
  /// - Parameters:
  ///   - weight: [O, I, kH, kW], plain.
  ///   - inputShape: [N, I, H, W].
  ///   - layout: The result's layout.
  ///   - elementType: The result's type, bfloat16 in a blocked layout only.
  ///   - settings: Stride, padding and dilation of the convolution.
  /// - Returns: [N, I, H, W].
  package func convolutionDataGradient(
    weight: Tensor, inputShape: Shape, layout: Layout, elementType: ElementType = .float32,
    settings: ConvolutionSettings
  ) -> Tensor {
    let shape = ConvolutionShape(input: inputShape, weight: weight.shape, settings: settings)
    precondition(shape.output == self.shape, "output gradient \(self.shape), not \(shape.output)")
    if let taps = ConvolutionBackend.current.usedTaps(of: shape, elementType) {
      return convolutionDataGradient(
        weight: taps.cut(weight), inputShape: inputShape, layout: layout, elementType: elementType,
        settings: taps.settings)
    }
    return KernelProfile.measure(shape, .dataGradient) { implementation in
      switch ConvolutionBackend.current.computing(shape, elementType) {
      case .columns where ConvolutionBackend.current.sparesColumns(shape):
        implementation = "narrow"
        return NarrowConvolution(shape).dataGradient(self, weight)
          .converted(to: layout, elementType)
      case .columns:
        implementation = "openblas"
        return ColumnConvolution(shape).dataGradient(self, weight)
          .converted(to: layout, elementType)
      case let backend where backend.usesWinograd(for: shape, .dataGradient, elementType):
        implementation = "winograd"
        return WinogradConvolution(shape, elementType).dataGradient(self, weight)
          .converted(to: layout)
      default:
        return LibraryConvolution.dataGradient(
          converted(to: elementType), weight, layout: layout, shape: shape, &implementation)
      }
    }
  }

  /// The gradient of a convolution by its weight; this tensor is the input, [N, I, H, W].
  ///
  /// - Parameters:
  ///   - outputGradient: [N, O, H', W'].
  ///   - weightShape: [O, I, kH, kW].
  ///   - settings: Stride, padding and dilation of the convolution.
  /// - Returns: [O, I, kH, kW], plain float32.
  package func convolutionWeightGradient(
    outputGradient: Tensor, weightShape: Shape, settings: ConvolutionSettings
  ) -> Tensor {
    let shape = ConvolutionShape(input: shape, weight: weightShape, settings: settings)
    precondition(
      shape.output == outputGradient.shape,
      "output gradient \(outputGradient.shape), not \(shape.output)")
    if let taps = ConvolutionBackend.current.usedTaps(of: shape, elementType) {
      return taps.spread(
        convolutionWeightGradient(
          outputGradient: outputGradient,
          weightShape: [weightShape[0], weightShape[1], taps.count, taps.count],
          settings: taps.settings))
    }
    return KernelProfile.measure(shape, .weightGradient) { implementation in
      switch ConvolutionBackend.current.computing(shape, elementType) {
      case .columns where ConvolutionBackend.current.sparesColumns(shape):
        implementation = "narrow"
        return NarrowConvolution(shape).weightGradient(self, outputGradient)
      case .columns:
        implementation = "openblas"
        return ColumnConvolution(shape).weightGradient(self, outputGradient)
      case let backend where backend.usesWinograd(for: shape, .weightGradient, elementType):
        implementation = "winograd"
        return WinogradConvolution(shape, elementType).weightGradient(self, outputGradient)
      default:
        return LibraryConvolution.weightGradient(
          self, outputGradient.converted(to: elementType), shape: shape, &implementation)
      }
    }
  }
}

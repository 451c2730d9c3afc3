import CKernels
import Kernels
import TensorCore

/// The convolution of feature maps with a weight.
///
/// Forward, data gradient and weight gradient are each other's derivatives, so that gradients of
/// gradients need no further code.
struct Convolution: Operation {
  let settings: ConvolutionSettings

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: [Variable]) {
    (inputs[0].value.convolved(with: inputs[1].value, settings: settings), inputs)
  }

  func backward(_ outputGradient: Variable, _ saved: [Variable], output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    convolutionGradients(
      input: saved[0], weight: saved[1], outputGradient, settings: settings, needs: needs)
  }
}

/// The gradient of a convolution by its input; also a transposed convolution.
struct ConvolutionDataGradient: Operation {
  let inputShape: Shape
  let layout: Layout
  let elementType: ElementType
  let settings: ConvolutionSettings

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: [Variable]) {
    (
      inputs[0].value.convolutionDataGradient(
        weight: inputs[1].value, inputShape: inputShape, layout: layout, elementType: elementType,
        settings: settings), inputs
    )
  }

  func backward(_ outputGradient: Variable, _ saved: [Variable], output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [
      needs[0]
        ? Variable.apply(Convolution(settings: settings), [outputGradient, saved[1]]) : nil,
      needs[1]
        ? Variable.apply(
          ConvolutionWeightGradient(weightShape: saved[1].shape, settings: settings),
          [outputGradient, saved[0]]) : nil,
    ]
  }
}

/// The gradient of a convolution by its weight.
struct ConvolutionWeightGradient: Operation {
  let weightShape: Shape
  let settings: ConvolutionSettings

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: [Variable]) {
    (
      inputs[0].value.convolutionWeightGradient(
        outputGradient: inputs[1].value, weightShape: weightShape, settings: settings), inputs
    )
  }

  func backward(_ outputGradient: Variable, _ saved: [Variable], output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [
      needs[0]
        ? Variable.apply(
          ConvolutionDataGradient(like: saved[0].value, settings: settings),
          [saved[1], outputGradient]) : nil,
      needs[1]
        ? Variable.apply(Convolution(settings: settings), [saved[0], outputGradient]) : nil,
    ]
  }
}

/// Convolution, bias and leaky ReLU in one pass over memory.
struct BiasedConvolution: Operation {
  let settings: ConvolutionSettings
  /// Slope of the leaky ReLU; nil for no activation.
  let negativeSlope: Float?
  var keepsOutput: Bool { negativeSlope != nil }

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: [Variable]) {
    (
      inputs[0].value.convolved(
        with: inputs[1].value, bias: inputs[2].value, settings: settings,
        negativeSlope: negativeSlope), inputs
    )
  }

  func backward(_ outputGradient: Variable, _ saved: [Variable], output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    var gradient = outputGradient
    if let output, let negativeSlope {
      gradient = gradient.maskedLikeLeakyReLU(of: output.value, negativeSlope: negativeSlope)
    }
    return convolutionGradients(
      input: saved[0], weight: saved[1], gradient, settings: settings, needs: needs)
      + [needs[2] ? gradient.summedOverChannels() : nil]
  }
}

extension ConvolutionDataGradient {
  /// The gradient by an input, in its shape, layout and type.
  fileprivate init(like input: Tensor, settings: ConvolutionSettings) {
    self.init(
      inputShape: input.shape, layout: input.layout, elementType: input.elementType,
      settings: settings)
  }
}

private func convolutionGradients(
  input: Variable, weight: Variable, _ outputGradient: Variable, settings: ConvolutionSettings,
  needs: [Bool]
) -> [Variable?] {
  [
    needs[0]
      ? Variable.apply(
        ConvolutionDataGradient(like: input.value, settings: settings),
        [outputGradient, weight]) : nil,
    needs[1]
      ? Variable.apply(
        ConvolutionWeightGradient(weightShape: weight.shape, settings: settings),
        [input, outputGradient]) : nil,
  ]
}

extension Variable {
  /// `conv2D`, computed as it is written.
  func directConv2D(
    weight: Variable, bias: Variable?, settings: ConvolutionSettings, negativeSlope: Float?
  ) -> Variable {
    if let bias {
      return Variable.apply(
        BiasedConvolution(settings: settings, negativeSlope: negativeSlope), [self, weight, bias])
    }
    let output = Variable.apply(Convolution(settings: settings), [self, weight])
    return negativeSlope.map { output.leakyReLU(negativeSlope: $0) } ?? output
  }

  /// `convTransposed2D`, computed as it is written.
  func directConvTransposed2D(weight: Variable, settings: ConvolutionSettings) -> Variable {
    func extent(_ size: Int, _ kernel: Int) -> Int {
      (size - 1) * settings.stride - 2 * settings.padding - settings.trailingPadding
        + settings.dilation * (kernel - 1) + 1
    }
    let result: Shape = [
      shape[0], weight.shape[1], extent(shape[2], weight.shape[2]),
      extent(shape[3], weight.shape[3]),
    ]
    return Variable.apply(
      ConvolutionDataGradient(
        inputShape: result, layout: value.layout == .plain ? .plain : .native,
        elementType: value.elementType, settings: settings),
      [self, weight])
  }
}

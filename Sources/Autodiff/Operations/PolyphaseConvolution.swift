package import Kernels
import TensorCore

/// The four phases of feature maps as channels, or the reverse: each is the other's derivative.
struct PhasesAsChannels: Operation {
  let isReverse: Bool

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (isReverse ? inputs[0].value.depthToSpace() : inputs[0].value.spaceToDepth(), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(PhasesAsChannels(isReverse: !isReverse), [outputGradient])]
  }
}

/// A weight as that of a 3x3 convolution of the phases, or the gradient of that: each is the
/// other's derivative.
struct PolyphaseWeight: Operation {
  let form: PolyphaseConvolution
  let isGradient: Bool

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    let value = inputs[0].value
    return (isGradient ? form.weightGradient(value) : form.weight(value), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(PolyphaseWeight(form: form, isGradient: !isGradient), [outputGradient])]
  }
}

extension Variable {
  /// The convolution of feature maps with a weight; of stride 2 on the phases of the maps where that is
  /// faster, which is the same to rounding, all derivatives included.
  ///
  /// - Parameters:
  ///   - weight: [O, I, kH, kW].
  ///   - bias: [O], or nil for none.
  ///   - settings: Stride, padding and dilation.
  ///   - negativeSlope: Slope of a leaky ReLU applied to the result; nil for no activation.
  /// - Returns: [N, O, H', W'] for an input [N, I, H, W].
  package func conv2D(
    weight: Variable, bias: Variable? = nil, settings: ConvolutionSettings,
    negativeSlope: Float? = nil
  ) -> Variable {
    guard value.elementType == .float32,
      let form = PolyphaseConvolution(input: shape, weight: weight.shape, settings: settings)
    else {
      return directConv2D(
        weight: weight, bias: bias, settings: settings, negativeSlope: negativeSlope)
    }
    let phases = Variable.apply(PhasesAsChannels(isReverse: false), [converted(to: .native)])
    let phaseWeight = Variable.apply(PolyphaseWeight(form: form, isGradient: false), [weight])
    return phases.directConv2D(
      weight: phaseWeight, bias: bias, settings: form.settings, negativeSlope: negativeSlope)
  }

  /// The transposed convolution of feature maps with a weight, without a bias; of stride 2 on the phases
  /// of the result where that is faster, which is the same to rounding, all derivatives included.
  ///
  /// - Parameters:
  ///   - weight: [I, O, kH, kW], as PyTorch stores it.
  ///   - settings: Stride, padding and dilation; no output padding.
  /// - Returns: [N, O, (H - 1) stride - 2 padding + dilation (kH - 1) + 1, ...].
  package func convTransposed2D(weight: Variable, settings: ConvolutionSettings) -> Variable {
    let result: Shape = [shape[0], weight.shape[1], 2 * shape[2], 2 * shape[3]]
    guard value.elementType == .float32,
      let form = PolyphaseConvolution(input: result, weight: weight.shape, settings: settings)
    else { return directConvTransposed2D(weight: weight, settings: settings) }
    let phaseWeight = Variable.apply(PolyphaseWeight(form: form, isGradient: false), [weight])
    let phases = converted(to: .native).directConvTransposed2D(
      weight: phaseWeight, settings: form.settings)
    return Variable.apply(PhasesAsChannels(isReverse: true), [phases])
  }
}

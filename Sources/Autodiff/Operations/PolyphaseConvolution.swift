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
  /// A convolution, computed on the phases of the input where that is faster: equal to
  /// `conv2D(weight:bias:settings:negativeSlope:)` to rounding, all derivatives included.
  package func polyphaseConv2D(
    weight: Variable, bias: Variable? = nil, settings: ConvolutionSettings,
    negativeSlope: Float? = nil
  ) -> Variable {
    guard value.elementType == .float32,
      let form = PolyphaseConvolution(input: shape, weight: weight.shape, settings: settings)
    else {
      return conv2D(weight: weight, bias: bias, settings: settings, negativeSlope: negativeSlope)
    }
    let phases = Variable.apply(PhasesAsChannels(isReverse: false), [converted(to: .native)])
    let phaseWeight = Variable.apply(PolyphaseWeight(form: form, isGradient: false), [weight])
    return phases.conv2D(
      weight: phaseWeight, bias: bias, settings: form.settings,
      negativeSlope: negativeSlope)
  }

  /// A transposed convolution of stride 2 without a bias, computed on the phases of the result where that
  /// is faster: equal to `convTransposed2D(weight:settings:)` to rounding, all derivatives included.
  package func polyphaseConvTransposed2D(
    weight: Variable, settings: ConvolutionSettings
  ) -> Variable {
    let result: Shape = [shape[0], weight.shape[1], 2 * shape[2], 2 * shape[3]]
    guard value.elementType == .float32,
      let form = PolyphaseConvolution(input: result, weight: weight.shape, settings: settings)
    else { return convTransposed2D(weight: weight, settings: settings) }
    let phaseWeight = Variable.apply(PolyphaseWeight(form: form, isGradient: false), [weight])
    let phases = converted(to: .native).convTransposed2D(
      weight: phaseWeight, settings: form.settings)
    return Variable.apply(PhasesAsChannels(isReverse: true), [phases])
  }
}

import CKernels
import Kernels
import TensorCore

/// `x > 0 ? x : negativeSlope x`; ReLU where the slope is 0.
struct LeakyReLU: Operation {
  let negativeSlope: Float
  var keepsOutput: Bool { true }

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.mapped(CKERNELS_LEAKY_RELU, negativeSlope), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    guard let output else { return [nil] }
    return [outputGradient.maskedLikeLeakyReLU(of: output.value, negativeSlope: negativeSlope)]
  }
}

/// `reference > 0 ? x : negativeSlope x`: the derivative of a leaky ReLU, which is linear in x.
struct LeakyReLUMask: Operation {
  let negativeSlope: Float
  let reference: Tensor

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (
      inputs[0].value.combined(CKERNELS_LEAKY_RELU_GRADIENT, with: reference, negativeSlope), ()
    )
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient.maskedLikeLeakyReLU(of: reference, negativeSlope: negativeSlope)]
  }
}

/// `x > 0 ? x : exp(x) - 1`.
struct ELU: Operation {
  var keepsOutput: Bool { true }

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.mapped(CKERNELS_ELU), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    guard let output else { return [nil] }
    guard Recording.isOn else {
      return [Variable(outputGradient.value.combined(CKERNELS_ELU_GRADIENT, with: output.value))]
    }
    // 1 where x > 0, exp(x) = y + 1 elsewhere.
    let negativePart = output - output.relu()
    return [outputGradient * (negativePart + 1)]
  }
}

/// `x` limited to `-bound ... bound`; its derivative is 1 at the bounds, as PyTorch's is.
struct Clip: Operation {
  let bound: Float

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Tensor) {
    (inputs[0].value.mapped(CKERNELS_CLIP, bound), inputs[0].value)
  }

  func backward(_ outputGradient: Variable, _ input: Tensor, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(ClipMask(bound: bound, reference: input), [outputGradient])]
  }
}

/// `|reference| <= bound ? x : 0`: the derivative of a clip, which is linear in x.
struct ClipMask: Operation {
  let bound: Float
  let reference: Tensor

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.combined(CKERNELS_CLIP_GRADIENT, with: reference, bound), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(self, [outputGradient])]
  }
}

struct Tanh: Operation {
  var keepsOutput: Bool { true }

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.mapped(CKERNELS_TANH), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    guard let output else { return [nil] }
    return [outputGradient - outputGradient * (output * output)]
  }
}

extension Variable {
  /// `x > 0 ? x : 0`.
  package func relu() -> Variable { leakyReLU(negativeSlope: 0) }

  /// `x > 0 ? x : negativeSlope x`.
  package func leakyReLU(negativeSlope: Float) -> Variable {
    Variable.apply(LeakyReLU(negativeSlope: negativeSlope), [self])
  }

  /// `x > 0 ? x : exp(x) - 1`.
  package func elu() -> Variable { Variable.apply(ELU(), [self]) }

  /// `x` limited to `-bound ... bound`.
  package func clipped(to bound: Float) -> Variable { Variable.apply(Clip(bound: bound), [self]) }

  /// The hyperbolic tangent.
  package func tanh() -> Variable { Variable.apply(Tanh(), [self]) }

  func maskedLikeLeakyReLU(of reference: Tensor, negativeSlope: Float) -> Variable {
    Variable.apply(LeakyReLUMask(negativeSlope: negativeSlope, reference: reference), [self])
  }
}

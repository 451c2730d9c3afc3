import Kernels
package import TensorCore

/// `scale * sum |x - target| (1 + guide)`, a scalar.
struct GuidedL1: Operation {
  let target: Tensor
  let guide: Tensor?
  let scale: Float

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Variable) {
    (Tensor(scale * Float(inputs[0].value.guidedL1(to: target, guide: guide))), inputs[0])
  }

  func backward(_ outputGradient: Variable, _ input: Variable, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    // Away from its kinks the function is linear: the sign pattern is a constant.
    let pattern = input.value.guidedL1Gradient(to: target, guide: guide, scale: scale)
    guard Recording.isOn else {
      return [Variable(pattern) * outputGradient.value.scalar]
    }
    let spread = outputGradient.reshaped(to: [1, 1, 1, 1]).repeated(to: input.shape)
    return [spread * Variable(pattern)]
  }
}

extension Variable {
  /// The mean of `|x - target| (1 + guide)` over all elements, [].
  ///
  /// - Parameters:
  ///   - target: A constant, [N, C, H, W].
  ///   - guide: A constant weight for each pixel, [N, 1, H, W]; nil stands for zero.
  /// - Returns: A scalar.
  package func meanAbsoluteDifference(to target: Tensor, guide: Tensor? = nil) -> Variable {
    Variable.apply(
      GuidedL1(target: target, guide: guide, scale: 1 / Float(shape.elementCount)), [self])
  }
}

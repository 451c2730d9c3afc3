import CKernels
import Kernels
package import TensorCore

/// `hole a + (1 - hole) b`.
struct Blend: Operation {
  let hole: Tensor

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (Tensor.blend(hole: hole, inputs[0].value, inputs[1].value), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    let zero = Variable(Tensor(repeating: 0, shape: outputGradient.shape))
    return [
      needs[0] ? Variable.blend(hole: hole, outputGradient, zero) : nil,
      needs[1] ? Variable.blend(hole: hole, zero, outputGradient) : nil,
    ]
  }
}

extension Variable {
  /// `hole a + (1 - hole) b`, in the plain layout.
  ///
  /// - Parameters:
  ///   - hole: 1 where `a` is taken and 0 where `b` is, [N, 1, H, W].
  ///   - a: [N, C, H, W].
  ///   - b: [N, C, H, W].
  /// - Returns: [N, C, H, W].
  package static func blend(hole: Tensor, _ a: Variable, _ b: Variable) -> Variable {
    apply(Blend(hole: hole), [a, b])
  }
}

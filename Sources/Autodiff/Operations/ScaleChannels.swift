import Kernels
import TensorCore

/// Each channel times a number of its own.
struct ScaleChannels: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: [Variable]) {
    (inputs[0].value.scalingChannels(by: inputs[1].value), inputs)
  }

  func backward(_ outputGradient: Variable, _ saved: [Variable], output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [
      needs[0] ? outputGradient.scalingChannels(by: saved[1]) : nil,
      needs[1] ? (outputGradient * saved[0]).summedOverChannels() : nil,
    ]
  }
}

extension Variable {
  /// Multiplies each channel by one number: [N, C, H, W] * [C].
  package func scalingChannels(by factors: Variable) -> Variable {
    Variable.apply(ScaleChannels(), [self, factors])
  }
}

import Kernels
import TensorCore

/// The largest value of each 2x2 window.
struct MaxPool: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Tensor) {
    (inputs[0].value.maxPooled(), inputs[0].value)
  }

  func backward(_ outputGradient: Variable, _ input: Tensor, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(MaxPoolGradient(reference: input), [outputGradient])]
  }
}

/// Gradients sent back to the largest value of each window, which is linear in them.
struct MaxPoolGradient: Operation {
  let reference: Tensor

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (reference.maxPoolGradient(inputs[0].value), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(MaxPoolSelect(reference: reference), [outputGradient])]
  }
}

/// Values at the place of the largest value of each window of a reference.
struct MaxPoolSelect: Operation {
  let reference: Tensor

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (reference.maxPoolSelecting(inputs[0].value), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(MaxPoolGradient(reference: reference), [outputGradient])]
  }
}

/// The sum of each 2x2 window.
struct SumPool: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Shape) {
    (inputs[0].value.windowsSummed(times: 1), inputs[0].shape)
  }

  func backward(_ outputGradient: Variable, _ shape: Shape, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(RepeatWindows(height: shape[2], width: shape[3]), [outputGradient])]
  }
}

/// Every value, written to a 2x2 window.
struct RepeatWindows: Operation {
  let height: Int
  let width: Int

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.windowsRepeated(times: 1, height: height, width: width), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(SumPool(), [outputGradient])]
  }
}

extension Variable {
  /// The largest value of each 2x2 window, [N, C, H / 2, W / 2]; an odd last row or column is left out.
  package func maxPooled() -> Variable { Variable.apply(MaxPool(), [self]) }

  /// Every value in a 2x2 window, [N, C, 2 H, 2 W]: nearest-neighbour upsampling.
  package func upsampledNearest() -> Variable {
    Variable.apply(RepeatWindows(height: 2 * shape[2], width: 2 * shape[3]), [self])
  }
}

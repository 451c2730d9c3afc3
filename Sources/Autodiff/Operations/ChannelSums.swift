import Kernels
import TensorCore

/// One number added to each channel.
struct AddToChannels: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.addingToChannels(inputs[1].value), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient, needs[1] ? outputGradient.summedOverChannels() : nil]
  }
}

/// The sum of each channel over images and pixels.
struct SumOverChannels: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: (Shape, Layout)) {
    (inputs[0].value.summedOverChannels(), (inputs[0].shape, inputs[0].value.layout))
  }

  func backward(
    _ outputGradient: Variable, _ saved: (Shape, Layout), output: Variable?, needs: [Bool]
  ) -> [Variable?] {
    let (shape, layout) = saved
    return [
      outputGradient.reshaped(to: [1, shape[1], 1, 1]).repeated(to: shape).converted(to: layout)
    ]
  }
}

extension Variable {
  /// Adds one number to each channel: [N, C, H, W] + [C].
  package func addingToChannels(_ bias: Variable) -> Variable {
    Variable.apply(AddToChannels(), [self, bias])
  }

  /// The sum of each channel over images and pixels, [C].
  package func summedOverChannels() -> Variable {
    Variable.apply(SumOverChannels(), [self])
  }
}

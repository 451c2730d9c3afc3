import Kernels
import TensorCore

/// The weights 1, 2, 1 along rows and columns, which is its own transpose.
struct Blur: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.blurred(), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient.blurred()]
  }
}

extension Variable {
  /// The mean over each value and its neighbours with the weights 1, 2, 1 along rows and columns; at an
  /// edge the value itself stands for the neighbour that is not there.
  func blurred() -> Variable { Variable.apply(Blur(), [self]) }

  /// Bilinear interpolation between the centres of pixels, [N, C, 2 H, 2 W]: PyTorch's, without aligned
  /// corners.
  ///
  /// Its weights 3/4 and 1/4 are those of nearest-neighbour upsampling, blurred.
  package func upsampledBilinear() -> Variable { upsampledNearest().blurred() }
}

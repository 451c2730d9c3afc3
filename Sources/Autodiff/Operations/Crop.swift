package import Kernels
import TensorCore

/// A window of each image.
struct Crop: Operation {
  let windows: CropWindows

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Shape) {
    (inputs[0].value.cropped(to: windows), inputs[0].shape)
  }

  func backward(_ outputGradient: Variable, _ shape: Shape, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(Paste(windows: windows, height: shape[2], width: shape[3]), [outputGradient])]
  }
}

/// Images that are zero outside a window.
struct Paste: Operation {
  let windows: CropWindows
  let height: Int
  let width: Int

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.pasted(into: windows, height: height, width: width), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient.cropped(to: windows)]
  }
}

extension Variable {
  /// A window of each image, [N, C, window height, window width].
  package func cropped(to windows: CropWindows) -> Variable {
    Variable.apply(Crop(windows: windows), [self])
  }

  /// These images in a window of larger ones that are zero elsewhere, [N, C, height, width].
  package func pasted(into windows: CropWindows, height: Int, width: Int) -> Variable {
    Variable.apply(Paste(windows: windows, height: height, width: width), [self])
  }
}

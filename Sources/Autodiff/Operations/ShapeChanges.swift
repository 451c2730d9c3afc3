import Kernels
package import TensorCore

struct ConvertLayout: Operation {
  let layout: Layout

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Layout) {
    (inputs[0].value.converted(to: layout), inputs[0].value.layout)
  }

  func backward(_ outputGradient: Variable, _ original: Layout, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient.converted(to: original)]
  }
}

struct Reshape: Operation {
  let target: Shape

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Shape) {
    (inputs[0].value.reshaped(to: target), inputs[0].shape)
  }

  func backward(_ outputGradient: Variable, _ original: Shape, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient.reshaped(to: original)]
  }
}

extension Variable {
  /// The same elements in another memory layout.
  package func converted(to layout: Layout) -> Variable {
    value.layout == layout ? self : Variable.apply(ConvertLayout(layout: layout), [self])
  }

  /// The same elements in row-major order.
  package func plain() -> Variable { converted(to: .plain) }

  /// The same elements under another shape, in the plain layout.
  package func reshaped(to shape: Shape) -> Variable {
    self.shape == shape ? self : Variable.apply(Reshape(target: shape), [plain()])
  }

  /// [N, C, H, W] as [N, C H W].
  package func flattened() -> Variable {
    reshaped(to: [shape[0], shape.elementCount / max(shape[0], 1)])
  }
}

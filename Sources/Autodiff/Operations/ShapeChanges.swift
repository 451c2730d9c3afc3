import Kernels
package import TensorCore

/// The same elements in another memory layout and type.
struct Convert: Operation {
  let layout: Layout
  let elementType: ElementType

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Convert) {
    let input = inputs[0].value
    return (
      input.converted(to: layout, elementType),
      Convert(layout: input.layout, elementType: input.elementType)
    )
  }

  func backward(_ outputGradient: Variable, _ original: Convert, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient.converted(to: original.layout, original.elementType)]
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
  /// The same elements in another memory layout: in their type, but float32 in the plain layout.
  package func converted(to layout: Layout) -> Variable {
    converted(to: layout, layout == .plain ? .float32 : value.elementType)
  }

  /// The same elements in another type, see `Tensor.converted(to:)`; [N, C, H, W].
  package func converted(to elementType: ElementType) -> Variable {
    converted(
      to: elementType == .bfloat16 && value.layout == .plain ? .native : value.layout, elementType)
  }

  func converted(to layout: Layout, _ elementType: ElementType) -> Variable {
    value.layout == layout && value.elementType == elementType
      ? self : Variable.apply(Convert(layout: layout, elementType: elementType), [self])
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

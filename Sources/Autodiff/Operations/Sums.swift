import Kernels
package import TensorCore

/// The sum along one axis, which stays with extent 1.
struct SumAlong: Operation {
  let axis: Int

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Int) {
    (inputs[0].value.summed(along: axis), inputs[0].shape[axis])
  }

  func backward(_ outputGradient: Variable, _ extent: Int, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient.repeated(extent, along: axis)]
  }
}

/// Every element several times along an axis of extent 1.
struct RepeatAlong: Operation {
  let count: Int
  let axis: Int

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.repeated(count, along: axis), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient.summed(along: axis)]
  }
}

/// The sum of all elements, a scalar.
struct SumAll: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Shape) {
    (Tensor(Float(inputs[0].value.total)), inputs[0].shape)
  }

  func backward(_ outputGradient: Variable, _ shape: Shape, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [
      outputGradient.reshaped(to: [1]).repeated(shape.elementCount, along: 0).reshaped(to: shape)
    ]
  }
}

extension Variable {
  /// The sum along one axis, which stays with extent 1.
  package func summed(along axis: Int) -> Variable {
    Variable.apply(SumAlong(axis: axis), [plain()])
  }

  /// Every element `count` times along an axis of extent 1.
  package func repeated(_ count: Int, along axis: Int) -> Variable {
    Variable.apply(RepeatAlong(count: count, axis: axis), [plain()])
  }

  /// This variable with its axes of extent 1 repeated until it has a shape.
  package func repeated(to shape: Shape) -> Variable {
    var result = self
    for axis in 0..<shape.axisCount where result.shape[axis] != shape[axis] {
      result = result.repeated(shape[axis], along: axis)
    }
    return result
  }

  /// The sum of all elements, [].
  package func sum() -> Variable { Variable.apply(SumAll(), [plain()]) }

  /// The mean of all elements, [].
  package func mean() -> Variable { sum() * (1 / Float(shape.elementCount)) }
}

import CKernels
package import TensorCore

extension Tensor {
  /// The sum of all elements, in an order that depends on the shape alone.
  package var total: Double {
    ckernels_sum(pointer, storedElementCount)
  }

  /// The sum along one axis, which stays with extent 1.
  ///
  /// - Precondition: Plain layout.
  package func summed(along axis: Int) -> Tensor {
    let (outer, middle, inner) = extents(around: axis)
    var dimensions = shape.dimensions
    dimensions[axis] = 1
    let result = Tensor(uninitialized: Shape(dimensions))
    ckernels_sum_middle(
      pointer, outer, middle, inner, CKERNELS_FLOAT32, result.mutablePointer)
    return result
  }

  /// Every element `count` times along an axis of extent 1.
  ///
  /// - Precondition: Plain layout.
  package func repeated(_ count: Int, along axis: Int) -> Tensor {
    precondition(shape[axis] == 1, "axis \(axis) of \(shape) has more than one element")
    let (outer, _, inner) = extents(around: axis)
    var dimensions = shape.dimensions
    dimensions[axis] = count
    let result = Tensor(uninitialized: Shape(dimensions))
    ckernels_repeat_middle(pointer, outer, count, inner, result.mutablePointer)
    return result
  }

  private func extents(around axis: Int) -> (outer: Int, middle: Int, inner: Int) {
    precondition(layout == .plain, "axes are summed and repeated in the plain layout only")
    let dimensions = shape.dimensions
    return (
      dimensions[..<axis].reduce(1, *), dimensions[axis], dimensions[(axis + 1)...].reduce(1, *)
    )
  }

  /// The sum of `|a - b| (1 + guide)`.
  ///
  /// - Parameters:
  ///   - other: b, [N, C, H, W].
  ///   - guide: One weight a pixel, [N, 1, H, W], or nil for zero.
  /// - Returns: The sum over all elements.
  package func guidedL1(to other: Tensor, guide: Tensor?) -> Double {
    let planes = FeaturePlanes(self)
    let other = other.converted(like: self)
    return KernelProfile.measure(.losses) {
      ckernels_guided_l1(
        rawPointer, other.rawPointer, guide?.pointer, planes.batch, planes.planes,
        planes.height * planes.width, planes.lanes, elementType.kernel)
    }
  }

  /// `scale` times the derivative of `guidedL1` by this tensor.
  package func guidedL1Gradient(to other: Tensor, guide: Tensor?, scale: Float) -> Tensor {
    let planes = FeaturePlanes(self)
    let other = other.converted(like: self)
    let result = Tensor(uninitialized: shape, layout: layout, elementType: elementType)
    KernelProfile.measure(.losses) {
      ckernels_guided_l1_gradient(
        rawPointer, other.rawPointer, guide?.pointer, scale, planes.batch, planes.planes,
        planes.height * planes.width, planes.lanes, elementType.kernel, result.mutableRawPointer)
    }
    return result
  }
}

package import CKernels
package import TensorCore

extension Tensor {
  /// Applies a function to every element.
  ///
  /// In a blocked layout the function must leave zero at zero, because the channels that only fill
  /// the last block stay zero: use the plain layout for others.
  package func mapped(_ function: ckernels_unary_function, _ parameter: Float = 0) -> Tensor {
    let result = Tensor(uninitialized: shape, layout: layout, elementType: elementType)
    KernelProfile.measure(.elementwise) {
      ckernels_unary(
        function, rawPointer, parameter, result.mutableRawPointer, storedElementCount,
        elementType.kernel)
    }
    return result
  }

  /// Applies a function to every pair of elements of two tensors of one shape.
  ///
  /// The result has the layout and type of this tensor.
  package func combined(
    _ function: ckernels_binary_function, with other: Tensor, _ parameter: Float = 0
  ) -> Tensor {
    precondition(shape == other.shape, "element by element: \(shape) and \(other.shape)")
    let other = other.converted(like: self)
    let result = Tensor(uninitialized: shape, layout: layout, elementType: elementType)
    KernelProfile.measure(.elementwise) {
      ckernels_binary(
        function, rawPointer, other.rawPointer, parameter, result.mutableRawPointer,
        storedElementCount, elementType.kernel)
    }
    return result
  }

  /// Adds another tensor in place where nobody else uses this one's memory.
  package mutating func add(_ other: Tensor) {
    guard isUniquelyReferenced() else {
      self = combined(CKERNELS_ADD, with: other)
      return
    }
    precondition(shape == other.shape, "element by element: \(shape) and \(other.shape)")
    let other = other.converted(like: self)
    storage.contentsChanged()
    let target = mutableRawPointer
    KernelProfile.measure(.elementwise) {
      ckernels_binary(
        CKERNELS_ADD, UnsafeRawPointer(target), other.rawPointer, 0, target, storedElementCount,
        elementType.kernel)
    }
  }

  /// The sum of two tensors.
  package static func + (a: Tensor, b: Tensor) -> Tensor { a.combined(CKERNELS_ADD, with: b) }

  /// `hole * a + (1 - hole) * b`, plain layout.
  ///
  /// - Parameters:
  ///   - hole: 1 where `a` is taken and 0 where `b` is, [N, 1, H, W].
  ///   - a: [N, C, H, W].
  ///   - b: [N, C, H, W].
  /// - Returns: [N, C, H, W].
  package static func blend(hole: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    let (a, b) = (a.converted(to: .plain), b.converted(to: .plain))
    precondition(a.shape == b.shape, "a blend of \(a.shape) and \(b.shape)")
    let result = Tensor(uninitialized: a.shape)
    KernelProfile.measure(.elementwise) {
      ckernels_blend(
        hole.pointer, a.pointer, b.pointer, a.shape[0], a.shape[1], a.shape[2] * a.shape[3],
        result.mutablePointer)
    }
    return result
  }
}

import CKernels
package import TensorCore

extension Tensor {
  /// The mean with the weights 1, 2, 1 along rows and columns, in the tensor's layout and type.
  ///
  /// At an edge the value itself stands for the neighbour that is not there.
  package func blurred() -> Tensor {
    let p = FeaturePlanes(self)
    let result = Tensor(uninitialized: shape, layout: layout, elementType: elementType)
    KernelProfile.measure(.elementwise) {
      ckernels_blur(
        rawPointer, p.batch * p.planes, p.height, p.width, p.lanes, elementType.kernel,
        result.mutableRawPointer)
    }
    return result
  }
}

import CKernels
package import TensorCore

extension Tensor {
  private func likeSelf(_ height: Int, _ width: Int) -> Tensor {
    Tensor(
      uninitialized: [shape[0], shape[1], height, width], layout: layout, elementType: elementType)
  }

  /// The largest value of each 2x2 window, stride 2; an odd last row or column is left out.
  package func maxPooled() -> Tensor {
    let p = FeaturePlanes(self)
    let result = likeSelf(p.height / 2, p.width / 2)
    KernelProfile.measure(.elementwise) {
      ckernels_max_pool(
        rawPointer, p.batch * p.planes, p.height, p.width, p.lanes, elementType.kernel,
        result.mutableRawPointer)
    }
    return result
  }

  /// The gradient of `maxPooled` by this tensor; it goes to the first largest value of a window.
  package func maxPoolGradient(_ outputGradient: Tensor) -> Tensor {
    let p = FeaturePlanes(self)
    let result = likeSelf(p.height, p.width)
    let outputGradient = outputGradient.converted(like: self)
    KernelProfile.measure(.elementwise) {
      ckernels_max_pool_gradient(
        rawPointer, outputGradient.rawPointer, p.batch * p.planes, p.height, p.width,
        p.lanes, elementType.kernel, result.mutableRawPointer)
    }
    return result
  }

  /// The values of another tensor at the places that `maxPooled` takes from this one.
  package func maxPoolSelecting(_ values: Tensor) -> Tensor {
    let p = FeaturePlanes(self)
    let result = likeSelf(p.height / 2, p.width / 2)
    let values = values.converted(like: self)
    KernelProfile.measure(.elementwise) {
      ckernels_max_pool_select(
        rawPointer, values.rawPointer, p.batch * p.planes, p.height, p.width, p.lanes,
        elementType.kernel, result.mutableRawPointer)
    }
    return result
  }

  /// `factor` times the sum of each 2x2 window, stride 2.
  package func windowsSummed(times factor: Float) -> Tensor {
    let p = FeaturePlanes(self)
    let result = likeSelf(p.height / 2, p.width / 2)
    KernelProfile.measure(.elementwise) {
      ckernels_sum_pool(
        rawPointer, factor, p.batch * p.planes, p.height, p.width, p.lanes, elementType.kernel,
        result.mutableRawPointer)
    }
    return result
  }

  /// `factor` times every value, written to a 2x2 window; zero in an odd last row or column.
  package func windowsRepeated(times factor: Float, height: Int, width: Int) -> Tensor {
    let p = FeaturePlanes(self)
    let result = likeSelf(height, width)
    KernelProfile.measure(.elementwise) {
      ckernels_upsample(
        rawPointer, factor, p.batch * p.planes, p.height, p.width, p.lanes, height, width,
        elementType.kernel, result.mutableRawPointer)
    }
    return result
  }
}

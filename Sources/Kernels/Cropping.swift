import CKernels
package import TensorCore

/// Where a window lies in each image of a batch: one size, one place an image.
package struct CropWindows: Sendable {
  /// First row in each image.
  package let tops: [Int32]
  /// First column in each image.
  package let lefts: [Int32]
  /// Rows.
  package let height: Int
  /// Columns.
  package let width: Int

  /// Makes windows of one size.
  package init(tops: [Int], lefts: [Int], height: Int, width: Int) {
    precondition(tops.count == lefts.count, "a window has a row and a column")
    self.tops = tops.map(Int32.init)
    self.lefts = lefts.map(Int32.init)
    self.height = height
    self.width = width
  }
}

extension Tensor {
  /// A window of each image, [N, C, window height, window width].
  ///
  /// - Precondition: There is a window for each image, inside it.
  package func cropped(to windows: CropWindows) -> Tensor {
    let p = FeaturePlanes(self)
    precondition(windows.tops.count == p.batch, "\(windows.tops.count) windows for \(shape)")
    for (top, left) in zip(windows.tops, windows.lefts) {
      precondition(
        top >= 0 && left >= 0 && Int(top) + windows.height <= p.height
          && Int(left) + windows.width <= p.width,
        "a window at (\(top), \(left)) of \(windows.height)x\(windows.width) leaves \(shape)")
    }
    let result = Tensor(
      uninitialized: [shape[0], shape[1], windows.height, windows.width], layout: layout,
      elementType: elementType)
    ckernels_crop(
      rawPointer, p.batch, p.planes, p.height, p.width, p.lanes, windows.tops, windows.lefts,
      windows.height, windows.width, elementType.kernel,
      result.mutableRawPointer)
    return result
  }

  /// This tensor in the windows of larger images that are zero elsewhere.
  package func pasted(into windows: CropWindows, height: Int, width: Int) -> Tensor {
    let p = FeaturePlanes(self)
    let result = Tensor(
      uninitialized: [shape[0], shape[1], height, width], layout: layout, elementType: elementType)
    ckernels_paste(
      rawPointer, p.batch, p.planes, height, width, p.lanes, windows.tops, windows.lefts,
      windows.height, windows.width, elementType.kernel,
      result.mutableRawPointer)
    return result
  }
}

package import Kernels

extension ReferenceTensor {
  /// Arrays one after another along the second axis.
  package static func concatenated(_ parts: [ReferenceTensor]) -> ReferenceTensor {
    let batch = parts[0].shape[0]
    var shape = parts[0].shape
    shape[1] = parts.reduce(0) { $0 + $1.shape[1] }
    let elements = (0..<batch).flatMap { image in
      parts.flatMap { part in
        let length = part.elements.count / batch
        return part.elements[image * length..<(image + 1) * length]
      }
    }
    return ReferenceTensor(elements, shape: shape)
  }

  /// A range of the second axis.
  package func channels(_ channels: Range<Int>) -> ReferenceTensor {
    let inner = shape[2...].reduce(1, *)
    var result = shape
    result[1] = channels.count
    return ReferenceTensor(shape: result) {
      let (image, rest) = ($0 / (channels.count * inner), $0 % (channels.count * inner))
      return elements[(image * shape[1] + channels.lowerBound) * inner + rest]
    }
  }

  /// A window of each image.
  package func cropped(to windows: CropWindows) -> ReferenceTensor {
    var result = ReferenceTensor(
      repeating: 0, shape: [shape[0], shape[1], windows.height, windows.width])
    windows.forEachPixel(images: shape[0], channels: shape[1]) { n, c, h, w, row, column in
      result[n, c, h, w] = self[n, c, row, column]
    }
    return result
  }

  /// This array in the windows of larger images that are zero elsewhere.
  package func pasted(into windows: CropWindows, height: Int, width: Int) -> ReferenceTensor {
    var result = ReferenceTensor(repeating: 0, shape: [shape[0], shape[1], height, width])
    windows.forEachPixel(images: shape[0], channels: shape[1]) { n, c, h, w, row, column in
      result[n, c, row, column] = self[n, c, h, w]
    }
    return result
  }

  /// The sum along one axis, which stays with extent 1.
  package func summed(along axis: Int) -> ReferenceTensor {
    var dimensions = shape
    dimensions[axis] = 1
    let inner = shape[(axis + 1)...].reduce(1, *)
    return ReferenceTensor(shape: dimensions) { index in
      (0..<shape[axis]).reduce(0) { sum, middle in
        sum + elements[(index / inner * shape[axis] + middle) * inner + index % inner]
      }
    }
  }

  /// Every element `count` times along an axis of extent 1.
  package func repeated(_ count: Int, along axis: Int) -> ReferenceTensor {
    var dimensions = shape
    dimensions[axis] = count
    let inner = shape[(axis + 1)...].reduce(1, *)
    return ReferenceTensor(shape: dimensions) {
      elements[$0 / inner / count * inner + $0 % inner]
    }
  }
}

extension CropWindows {
  /// Calls `body` with image, channel, place in the window and place in the image.
  fileprivate func forEachPixel(
    images: Int, channels: Int, _ body: (Int, Int, Int, Int, Int, Int) -> Void
  ) {
    for n in 0..<images {
      for c in 0..<channels {
        for h in 0..<height {
          for w in 0..<width { body(n, c, h, w, Int(tops[n]) + h, Int(lefts[n]) + w) }
        }
      }
    }
  }
}

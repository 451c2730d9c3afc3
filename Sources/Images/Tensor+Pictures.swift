package import TensorCore

extension Tensor {
  /// Pictures of one size as planes in [-1, 1], [N, 3, H, W].
  ///
  /// - Precondition: There is a picture; all have three channels and one size.
  package init(pictures: [Image]) {
    let (height, width) = (pictures[0].height, pictures[0].width)
    self.init(uninitialized: [pictures.count, 3, height, width])
    let size = 3 * height * width
    withUnsafeMutableFloats { values in
      for (index, picture) in pictures.enumerated() {
        precondition(picture.channels == 3, "planes are made of RGB pictures")
        picture.writePlanes(
          to: UnsafeMutableBufferPointer(rebasing: values[index * size..<(index + 1) * size]))
      }
    }
  }

  /// Holes of one size, 1 = hole, [N, 1, H, W].
  package init(holes: [HoleMask]) {
    self.init(
      holes.flatMap { $0.values.map(Float.init) },
      shape: [holes.count, 1, holes[0].height, holes[0].width])
  }

  /// The pictures that planes in [-1, 1] stand for; the tensor is [N, 3, H, W], plain.
  package var pictures: [Image] {
    let size = shape[1] * shape[2] * shape[3]
    return withUnsafeFloats { values in
      (0..<shape[0]).map { index in
        Image(
          planes: UnsafeBufferPointer(rebasing: values[index * size..<(index + 1) * size]),
          width: shape[3], height: shape[2], channels: shape[1])
      }
    }
  }
}

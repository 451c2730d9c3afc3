import TensorCore

/// Pictures resampled linearly between the four nearest pixels, without smoothing before.
///
/// Equal to PyTorch's `interpolate(mode="bilinear", align_corners=False)`.
///
/// - Parameters:
///   - pictures: [N, C, H, W], plain.
///   - height: New rows.
///   - width: New columns.
/// - Returns: [N, C, height, width], plain.
func resizedBilinearly(_ pictures: Tensor, height: Int, width: Int) -> Tensor {
  let (oldHeight, oldWidth) = (pictures.shape[2], pictures.shape[3])
  let rows = LinearTap.taps(from: oldHeight, to: height)
  let columns = LinearTap.taps(from: oldWidth, to: width)
  var result = Tensor(uninitialized: [pictures.shape[0], pictures.shape[1], height, width])
  pictures.withUnsafeFloats { source in
    result.withUnsafeMutableFloats { target in
      for plane in 0..<pictures.shape[0] * pictures.shape[1] {
        for (row, down) in rows.enumerated() {
          let above = (plane * oldHeight + down.first) * oldWidth
          let below = (plane * oldHeight + down.second) * oldWidth
          for (column, right) in columns.enumerated() {
            let top =
              source[above + right.first] * (1 - right.weight)
              + source[above + right.second] * right.weight
            let bottom =
              source[below + right.first] * (1 - right.weight)
              + source[below + right.second] * right.weight
            target[(plane * height + row) * width + column] =
              top * (1 - down.weight) + bottom * down.weight
          }
        }
      }
    }
  }
  return result
}

/// Two neighbours and the weight of the second.
private struct LinearTap {
  let first: Int
  let second: Int
  let weight: Float

  static func taps(from old: Int, to new: Int) -> [LinearTap] {
    let scale = Float(old) / Float(new)
    return (0..<new).map { index in
      let place = max((Float(index) + 0.5) * scale - 0.5, 0)
      let first = min(Int(place), old - 1)
      return LinearTap(
        first: first, second: min(first + 1, old - 1), weight: place - Float(first))
    }
  }
}

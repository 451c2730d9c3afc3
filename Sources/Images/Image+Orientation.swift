extension Image {
  /// The picture turned and mirrored so that it stands upright.
  package func oriented(_ orientation: ExifOrientation) -> Image {
    if orientation == .upright { return self }
    let (outputWidth, outputHeight) = orientation.swapsSides ? (height, width) : (width, height)
    return Image(
      width: outputWidth, height: outputHeight, channels: channels,
      pixels: orientation.turned(pixels, width: width, height: height, channels: channels))
  }

  /// The picture mirrored left to right.
  package func flippedHorizontally() -> Image { oriented(.mirrored) }

  /// The picture mirrored top to bottom.
  package func flippedVertically() -> Image { oriented(.mirroredUpsideDown) }
}

extension ExifOrientation {
  /// The values of a picture turned and mirrored so that it stands upright, row by row.
  func turned<Value: FixedWidthInteger>(
    _ values: [Value], width: Int, height: Int, channels: Int
  ) -> [Value] {
    if self == .upright { return values }
    // Input pixel of the output's first pixel, and the steps to its right and lower neighbours.
    let last = width * height - 1
    let (first, right, down) =
      switch self {
      case .upright: (0, 1, width)
      case .mirrored: (width - 1, -1, width)
      case .upsideDown: (last, -1, -width)
      case .mirroredUpsideDown: (last - (width - 1), 1, -width)
      case .transposed: (0, width, 1)
      case .turnRight: (last - (width - 1), -width, 1)
      case .antiTransposed: (last, -width, -1)
      case .turnLeft: (width - 1, width, -1)
      }
    let (outputWidth, outputHeight) = swapsSides ? (height, width) : (width, height)
    return [Value](unsafeUninitializedCapacity: values.count) { buffer, count in
      values.withUnsafeBufferPointer { input in
        var position = 0
        for row in 0..<outputHeight {
          var source = (first + row * down) * channels
          for _ in 0..<outputWidth {
            for channel in 0..<channels { buffer[position + channel] = input[source + channel] }
            position += channels
            source += right * channels
          }
        }
      }
      count = values.count
    }
  }
}

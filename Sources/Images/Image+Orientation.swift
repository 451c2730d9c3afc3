extension Image {
  /// The picture turned and mirrored so that it stands upright.
  package func oriented(_ orientation: ExifOrientation) -> Image {
    // Input pixel of the output's first pixel, and the steps to its right and lower neighbours.
    let last = width * height - 1
    let (first, right, down) =
      switch orientation {
      case .upright: (0, 1, width)
      case .mirrored: (width - 1, -1, width)
      case .upsideDown: (last, -1, -width)
      case .mirroredUpsideDown: (last - (width - 1), 1, -width)
      case .transposed: (0, width, 1)
      case .turnRight: (last - (width - 1), -width, 1)
      case .antiTransposed: (last, -width, -1)
      case .turnLeft: (width - 1, width, -1)
      }
    if orientation == .upright { return self }
    let (outputWidth, outputHeight) = orientation.swapsSides ? (height, width) : (width, height)
    let output = [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, count in
      pixels.withUnsafeBufferPointer { input in
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
      count = pixels.count
    }
    return Image(
      width: outputWidth, height: outputHeight, channels: channels, pixels: output)
  }

  /// The picture mirrored left to right.
  package func flippedHorizontally() -> Image { oriented(.mirrored) }

  /// The picture mirrored top to bottom.
  package func flippedVertically() -> Image { oriented(.mirroredUpsideDown) }
}

extension Image {
  /// The whole picture's rectangle.
  package var bounds: Rectangle { Rectangle(top: 0, left: 0, height: height, width: width) }

  /// The pixels of a rectangle.
  ///
  /// - Precondition: The rectangle has pixels and lies inside the picture.
  package func cropped(to rectangle: Rectangle) -> Image {
    precondition(
      !rectangle.isEmpty && bounds.contains(rectangle),
      "\(rectangle) is no part of an image of \(width)x\(height)")
    let rowBytes = rectangle.width * channels
    let output = [UInt8](unsafeUninitializedCapacity: rectangle.height * rowBytes) {
      buffer, count in
      pixels.withUnsafeBytes { input in
        let target = UnsafeMutableRawBufferPointer(buffer)
        for row in 0..<rectangle.height {
          let start = ((rectangle.top + row) * width + rectangle.left) * channels
          let rowOfTarget = UnsafeMutableRawBufferPointer(
            rebasing: target[row * rowBytes..<(row + 1) * rowBytes])
          rowOfTarget.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: input[start..<start + rowBytes]))
        }
      }
      count = rectangle.height * rowBytes
    }
    return Image(
      width: rectangle.width, height: rectangle.height, channels: channels, pixels: output)
  }

  /// The rectangle of the largest centred square with at most this side; an odd margin is one pixel
  /// smaller at the left and at the top.
  package func centreSquareBounds(maximumSide: Int = .max) -> Rectangle {
    let side = min(maximumSide, width, height)
    return Rectangle(
      top: (height - side) / 2, left: (width - side) / 2, height: side, width: side)
  }

  /// The largest centred square with at most this side.
  ///
  /// CelebA's aligned images of 178 x 218 give their rows 20..<198 with `maximumSide` 178.
  package func centreSquare(maximumSide: Int = .max) -> Image {
    let rectangle = centreSquareBounds(maximumSide: maximumSide)
    return rectangle == bounds ? self : cropped(to: rectangle)
  }
}

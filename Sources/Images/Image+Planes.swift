extension Image {
  /// Writes the picture as planes of numbers in [-1, 1]: `value / 127.5 - 1`, shape [C, H, W].
  ///
  /// - Parameter planes: Room for exactly `channels * height * width` numbers.
  package func writePlanes(to planes: UnsafeMutableBufferPointer<Float>) {
    precondition(planes.count == pixels.count, "\(pixels.count) values, room for \(planes.count)")
    let area = width * height
    pixels.withUnsafeBufferPointer { pixels in
      valueTable.withUnsafeBufferPointer { table in
        for channel in 0..<channels {
          let plane = UnsafeMutableBufferPointer(
            rebasing: planes[channel * area..<(channel + 1) * area])
          var position = channel
          for pixel in 0..<area {
            plane[pixel] = table[Int(pixels[position])]
            position += channels
          }
        }
      }
    }
  }

  /// Makes a picture of planes of numbers in [-1, 1], shape [C, H, W].
  ///
  /// A number x becomes `(x + 1) * 127.5`, rounded to the nearest integer (halves to even) and
  /// clamped to 0...255; NaN becomes 0.
  ///
  /// - Precondition: `planes.count == channels * height * width`.
  package init(
    planes: UnsafeBufferPointer<Float>, width: Int, height: Int, channels: Int = 3
  ) {
    precondition(
      planes.count == width * height * channels,
      "an image of \(width)x\(height)x\(channels) has no \(planes.count) values")
    let area = width * height
    let pixels = [UInt8](unsafeUninitializedCapacity: planes.count) { buffer, count in
      for channel in 0..<channels {
        var position = channel
        for pixel in channel * area..<(channel + 1) * area {
          let value = ((planes[pixel] + 1) * 127.5).rounded(.toNearestOrEven)
          // In this order a NaN loses the first comparison.
          buffer[position] = value > 0 ? UInt8(min(value, 255)) : 0
          position += channels
        }
      }
      count = planes.count
    }
    self.init(width: width, height: height, channels: channels, pixels: pixels)
  }
}

/// `value / 127.5 - 1` of each of 0...255.
private let valueTable: [Float] = (0...255).map { Float($0) / 127.5 - 1 }

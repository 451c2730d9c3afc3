import CImageCodecs

extension DeepImage {
  /// The largest centred square with at most this side; as of a picture with 8 bits a channel.
  package func centreSquare(maximumSide: Int = .max) -> DeepImage {
    let side = min(maximumSide, width, height)
    if side == width, side == height { return self }
    let (top, left) = ((height - side) / 2, (width - side) / 2)
    var output: [UInt16] = []
    output.reserveCapacity(side * side * channels)
    for row in top..<top + side {
      output += samples[(row * width + left) * channels..<(row * width + left + side) * channels]
    }
    return DeepImage(width: side, height: side, channels: channels, samples: output)
  }

  /// The picture in another size, by antialiased bicubic interpolation.
  ///
  /// Rows first, then columns, with real numbers in between: what Pillow's `resize` gives for each
  /// channel in mode F, rounded and clamped to 0...65,535.
  ///
  /// - Precondition: Both sizes are positive.
  package func resized(width newWidth: Int, height newHeight: Int) -> DeepImage {
    precondition(newWidth > 0 && newHeight > 0, "an image has no size \(newWidth)x\(newHeight)")
    if newWidth == width, newHeight == height { return self }
    let across = BicubicAxis(inputs: width, outputs: newWidth, interval: 0...Float(width))
    let down = BicubicAxis(inputs: height, outputs: newHeight, interval: 0...Float(height))
    let rowLength = newWidth * channels
    var rows = [Float](repeating: 0, count: height * rowLength)
    for row in 0..<height {
      let source = row * width * channels
      across.forEachOutput { output, start, coefficients in
        for channel in 0..<channels {
          var sum = 0.0
          for (tap, coefficient) in coefficients.enumerated() where coefficient != 0 {
            sum +=
              Double(coefficient)
              * Double(samples[source + (start + tap) * channels + channel])
          }
          rows[row * rowLength + output * channels + channel] = Float(sum * coefficientScale)
        }
      }
    }
    var result = [UInt16](repeating: 0, count: newHeight * rowLength)
    down.forEachOutput { output, start, coefficients in
      for place in 0..<rowLength {
        var sum = 0.0
        for (tap, coefficient) in coefficients.enumerated() where coefficient != 0 {
          sum += Double(coefficient) * Double(rows[(start + tap) * rowLength + place])
        }
        result[output * rowLength + place] = UInt16(
          min(max((sum * coefficientScale).rounded(), 0), 65_535))
      }
    }
    return DeepImage(width: newWidth, height: newHeight, channels: channels, samples: result)
  }
}

private let coefficientScale = 1 / Double(1 << CIMG_COEFFICIENT_BITS)

extension BicubicAxis {
  /// Goes through the outputs with the first input and the coefficients of each.
  fileprivate func forEachOutput(_ body: (Int, Int, ArraySlice<Int32>) -> Void) {
    for output in 0..<outputs {
      let first = output * taps
      // What is beyond the last input has no weight.
      body(output, Int(starts[output]), coefficients[first..<first + taps])
    }
  }
}

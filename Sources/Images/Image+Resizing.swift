import CImageCodecs

extension Image {
  /// A part of a picture with edges between pixels, in pixels from the top left corner.
  package struct Box: Equatable, Sendable {
    /// The columns' interval.
    package let columns: ClosedRange<Float>
    /// The rows' interval.
    package let rows: ClosedRange<Float>

    /// Makes a box from its four edges.
    package init(left: Float, top: Float, right: Float, bottom: Float) {
      (columns, rows) = (left...right, top...bottom)
    }
  }

  /// The picture in another size, by antialiased bicubic interpolation.
  ///
  /// The same bytes as Pillow's `resize((width, height), BICUBIC, box)` for grey and RGB: rows
  /// first, then columns, with 8-bit values in between. Every channel is taken on its own, alpha
  /// too.
  ///
  /// - Parameters:
  ///   - width: Columns of the result.
  ///   - height: Rows of the result.
  ///   - box: The part of the picture that fills the result; the filter still sees what is outside.
  /// - Returns: A picture of `width` x `height` pixels with the same channels.
  /// - Precondition: Both sizes are positive and the box has an area and lies inside the picture.
  package func resized(width: Int, height: Int, box: Box? = nil) -> Image {
    let whole = Box(left: 0, top: 0, right: Float(self.width), bottom: Float(self.height))
    let box = box ?? whole
    precondition(width > 0 && height > 0, "an image has no size \(width)x\(height)")
    precondition(
      whole.columns.contains(box.columns.upperBound) && whole.rows.contains(box.rows.upperBound)
        && box.columns.lowerBound >= 0 && box.rows.lowerBound >= 0
        && box.columns.lowerBound < box.columns.upperBound
        && box.rows.lowerBound < box.rows.upperBound,
      "\(box) is no part of an image of \(self.width)x\(self.height)")
    let keepsColumns = width == self.width && box.columns == whole.columns
    let keepsRows = height == self.height && box.rows == whole.rows
    if keepsColumns && keepsRows { return self }

    let horizontal = BicubicAxis(inputs: self.width, outputs: width, interval: box.columns)
    let isSquare =
      self.width == self.height && width == height && box.rows == box.columns
    let vertical =
      isSquare
      ? horizontal : BicubicAxis(inputs: self.height, outputs: height, interval: box.rows)
    if keepsRows { return resampledHorizontally(horizontal, rows: 0..<self.height) }
    if keepsColumns { return resampledVertically(vertical, firstRow: 0) }
    let rows = vertical.inputsNeeded
    return resampledHorizontally(horizontal, rows: rows)
      .resampledVertically(vertical, firstRow: rows.lowerBound)
  }

  /// Resamples some rows; only these are in the result.
  private func resampledHorizontally(_ axis: BicubicAxis, rows: Range<Int>) -> Image {
    let size = rows.count * axis.outputs * channels
    let output = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let scratchCount = 8 * (width + axis.taps)
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: scratchCount) { scratch in
        pixels.withUnsafeBufferPointer { input in
          guard let source = input.baseAddress, let target = buffer.baseAddress,
            let scratch = scratch.baseAddress
          else { return }
          axis.withCodecAxis { codecAxis in
            var codecAxis = codecAxis
            cimg_resample_horizontally(
              source + rows.lowerBound * width * channels, Int32(width), Int32(channels),
              Int32(rows.count), &codecAxis, scratch, target)
          }
        }
      }
      count = size
    }
    return Image(width: axis.outputs, height: rows.count, channels: channels, pixels: output)
  }

  /// Resamples the columns of a picture whose first row is the row `firstRow` of the axis.
  private func resampledVertically(_ axis: BicubicAxis, firstRow: Int) -> Image {
    let rowBytes = width * channels
    let output = [UInt8](unsafeUninitializedCapacity: axis.outputs * rowBytes) { buffer, count in
      pixels.withUnsafeBufferPointer { input in
        guard let source = input.baseAddress, let target = buffer.baseAddress else { return }
        axis.withCodecAxis(startingAt: firstRow) { codecAxis in
          var codecAxis = codecAxis
          cimg_resample_vertically(source, rowBytes, Int32(height), &codecAxis, target)
        }
      }
      count = axis.outputs * rowBytes
    }
    return Image(width: width, height: axis.outputs, channels: channels, pixels: output)
  }
}

package import TensorCore

/// Holes from pictures of masks, white = hole.
///
/// A picture is cropped to the image's proportions round its middle, resized, and cut at half of
/// white, so that no grey edge is left and strokes neither grow nor shrink.
package struct DrawnMask: MaskKind {
  /// The files; each picture gets one of them, every one equally likely.
  package let paths: [String]
  /// Mirrors half of the masks left to right, and half top to bottom.
  package let flips: Bool
  /// Moves each mask by any distance; what leaves at one edge comes in at the opposite one.
  package let shifts: Bool

  /// Masks from files.
  ///
  /// - Precondition: There is a file.
  package init(paths: [String], flips: Bool = false, shifts: Bool = false) {
    precondition(!paths.isEmpty, "masks from files need a file")
    (self.paths, self.flips, self.shifts) = (paths, flips, shifts)
  }

  package func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) throws(ImageError) -> HoleMask {
    let path = paths[random.integer(in: 0...paths.count - 1)]
    let drawing = try Image(maskContentsOf: path)
    var hole = try holeValues(
      of: drawing, name: path, width: subject.width, height: subject.height)
    if flips, random.integer(in: 0...1) == 1 { hole = hole.flippedHorizontally() }
    if flips, random.integer(in: 0...1) == 1 { hole = hole.flippedVertically() }
    if shifts {
      let down = random.integer(in: 0...subject.height - 1)
      let right = random.integer(in: 0...subject.width - 1)
      hole = hole.rolled(down: down, right: right)
    }
    return HoleMask(width: subject.width, height: subject.height, values: hole.pixels)
  }
}

extension HoleMask {
  /// The hole that a picture of a mask marks in white, resized where its size differs.
  ///
  /// - Parameters:
  ///   - drawing: Any picture; colours count by their brightness.
  ///   - name: Names the drawing in errors.
  ///   - width: Columns of the mask.
  ///   - height: Rows of the mask.
  /// - Throws: `ImageError` when no pixel is white.
  package init(
    drawing: Image, name: String, width: Int, height: Int
  ) throws(ImageError) {
    let values = try holeValues(of: drawing, name: name, width: width, height: height)
    self.init(width: width, height: height, values: values.pixels)
  }
}

/// One channel of 0 and 1.
private func holeValues(
  of drawing: Image, name: String, width: Int, height: Int
) throws(ImageError) -> Image {
  let grey = drawing.convertedToGrey()
  let fitted = grey.cropped(to: grey.centreBounds(proportions: (width, height)))
    .resized(width: width, height: height)
  let values = fitted.pixels.map { UInt8($0 >= 128 ? 1 : 0) }
  if !values.contains(1) {
    let hadHole = grey.pixels.contains { $0 >= 128 }
    throw ImageError(name, hadHole ? .holeLost(width: width, height: height) : .noHole)
  }
  return Image(width: width, height: height, channels: 1, pixels: values)
}

extension Image {
  /// The largest centred rectangle with (nearly) the proportions of a size.
  fileprivate func centreBounds(proportions: (width: Int, height: Int)) -> Rectangle {
    let fullHeight = width * proportions.height / proportions.width
    let fullWidth = height * proportions.width / proportions.height
    let (cropWidth, cropHeight) =
      fullHeight <= height ? (width, max(1, fullHeight)) : (max(1, min(fullWidth, width)), height)
    return Rectangle(
      top: (height - cropHeight) / 2, left: (width - cropWidth) / 2,
      height: cropHeight, width: cropWidth)
  }

  /// Moves a picture of one channel; what leaves at one edge comes in at the opposite one.
  fileprivate func rolled(down: Int, right: Int) -> Image {
    var result = self
    for row in 0..<height {
      for column in 0..<width {
        let target = (row + down) % height * width + (column + right) % width
        result.pixels[target] = pixels[row * width + column]
      }
    }
    return result
  }
}

extension DrawnMask {
  /// The pictures of a folder, by name; none where the folder cannot be read.
  package static func paths(in folder: String) -> [String] {
    ((try? PictureFolder(folder))?.names ?? []).map { "\(folder)/\($0)" }
  }
}

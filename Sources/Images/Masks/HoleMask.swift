/// Which pixels of an image are missing, and where the discriminator looks closely.
package struct HoleMask: Equatable, Sendable {
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// Row by row: 1 = hole, 0 = known.
  package let values: [UInt8]
  /// The local crop: `height / 2` rows and `width / 2` columns, inside the image.
  package let box: Rectangle

  /// A mask with a box of its own.
  ///
  /// - Precondition: There are `width * height` values, each 0 or 1; the box has half the image's
  ///   sides and lies inside of it.
  package init(width: Int, height: Int, values: [UInt8], box: Rectangle) {
    precondition(
      values.count == width * height, "a mask of \(width)x\(height) has no \(values.count) values")
    precondition(
      box.height == height / 2 && box.width == width / 2
        && Rectangle(top: 0, left: 0, height: height, width: width).contains(box),
      "\(box) is no local crop of a mask of \(width)x\(height)")
    precondition(values.allSatisfy { $0 <= 1 }, "a mask's values are 0 and 1")
    (self.width, self.height, self.values, self.box) = (width, height, values, box)
  }

  /// A mask of any shape; the local crop is the one that `localCrop` chooses.
  package init(width: Int, height: Int, values: [UInt8]) {
    self.init(
      width: width, height: height, values: values,
      box: localCrop(ofHole: values, width: width, height: height))
  }

  /// A mask of any shape, by a question about each pixel.
  ///
  /// - Parameters:
  ///   - width: Columns.
  ///   - height: Rows.
  ///   - isHole: Whether the pixel at (row, column) is missing.
  package init(width: Int, height: Int, isHole: (_ row: Int, _ column: Int) -> Bool) {
    var values: [UInt8] = []
    values.reserveCapacity(width * height)
    for row in 0..<height {
      for column in 0..<width { values.append(isHole(row, column) ? 1 : 0) }
    }
    self.init(width: width, height: height, values: values)
  }

  /// A rectangular mask.
  init(width: Int, height: Int, hole: Rectangle, box: Rectangle) {
    var values = [UInt8](repeating: 0, count: width * height)
    for row in hole.rows {
      for column in hole.columns { values[row * width + column] = 1 }
    }
    self.init(width: width, height: height, values: values, box: box)
  }

  /// Number of missing pixels.
  package var holeArea: Int { values.reduce(0) { $0 + Int($1) } }

  /// The mask as a grey picture, white = hole.
  package var image: Image {
    Image(width: width, height: height, channels: 1, pixels: values.map { $0 * 255 })
  }

  /// The picture with its hole painted over, as people expect to see a masked picture.
  ///
  /// - Precondition: The picture has the mask's size.
  package func painted(on image: Image, value: UInt8 = 255) -> Image {
    precondition(
      image.width == width && image.height == height,
      "a mask of \(width)x\(height) for an image of \(image.width)x\(image.height)")
    var result = image
    let colorChannels = min(image.channels, 3)
    for pixel in values.indices where values[pixel] == 1 {
      for channel in 0..<colorChannels { result.pixels[pixel * image.channels + channel] = value }
    }
    return result
  }

  /// The mask mirrored left to right.
  package func flippedHorizontally() -> HoleMask {
    let mirrored = Image(width: width, height: height, channels: 1, pixels: values)
      .flippedHorizontally()
    let left = width - box.left - box.width
    return HoleMask(
      width: width, height: height, values: mirrored.pixels,
      box: Rectangle(top: box.top, left: left, height: box.height, width: box.width))
  }
}

import Images

/// A picture with a hole at one of several resolutions.
struct Scale {
  let width: Int
  let height: Int
  /// RGB, 0...255, interleaved.
  var colors: [Float]
  /// Whether each pixel is missing.
  let isMissing: [Bool]

  init(_ picture: Image, _ hole: HoleMask) {
    (width, height) = (picture.width, picture.height)
    colors = picture.pixels.map(Float.init)
    isMissing = hole.values.map { $0 == 1 }
  }

  private init(width: Int, height: Int, colors: [Float], isMissing: [Bool]) {
    (self.width, self.height, self.colors, self.isMissing) = (width, height, colors, isMissing)
  }

  /// The picture at half the resolution.
  ///
  /// Colours are means of 2 x 2 blocks; blocks with a missing pixel are missing. An odd last row or
  /// column is left out.
  func halved() -> Scale {
    let (newWidth, newHeight) = (width / 2, height / 2)
    var colors = [Float](repeating: 0, count: newWidth * newHeight * 3)
    var isMissing = [Bool](repeating: false, count: newWidth * newHeight)
    for row in 0..<newHeight {
      for column in 0..<newWidth {
        let first = 2 * row * width + 2 * column
        let block = [first, first + 1, first + width, first + width + 1]
        let target = row * newWidth + column
        isMissing[target] = block.contains { self.isMissing[$0] }
        for channel in 0..<3 {
          colors[target * 3 + channel] =
            block.reduce(0) { $0 + self.colors[$1 * 3 + channel] } / 4
        }
      }
    }
    return Scale(width: newWidth, height: newHeight, colors: colors, isMissing: isMissing)
  }

  /// Whether some patch has no missing pixel.
  func hasSource(radius: Int) -> Bool { patches(radius: radius).isSource.contains(true) }

  /// Which pixels are the middle of a patch inside the picture without a missing pixel, and which of
  /// one with a missing pixel.
  func patches(radius: Int) -> (isSource: [Bool], isTarget: [Bool]) {
    var isSource = [Bool](repeating: false, count: width * height)
    var isTarget = isSource
    // sums[row][column]: missing pixels above and left of it.
    var sums = [Int](repeating: 0, count: (width + 1) * (height + 1))
    for row in 0..<height {
      var inRow = 0
      for column in 0..<width {
        inRow += isMissing[row * width + column] ? 1 : 0
        sums[(row + 1) * (width + 1) + column + 1] = sums[row * (width + 1) + column + 1] + inRow
      }
    }
    guard width > 2 * radius, height > 2 * radius else { return (isSource, isTarget) }
    for row in radius..<height - radius {
      for column in radius..<width - radius {
        let (top, bottom) = (row - radius, row + radius + 1)
        let (left, right) = (column - radius, column + radius + 1)
        let missing =
          sums[bottom * (width + 1) + right] - sums[bottom * (width + 1) + left]
          - sums[top * (width + 1) + right] + sums[top * (width + 1) + left]
        isSource[row * width + column] = missing == 0
        isTarget[row * width + column] = missing > 0
      }
    }
    return (isSource, isTarget)
  }

  /// How far each missing pixel is from the known ones, in steps to one of eight neighbours; 0 where
  /// it is known.
  func depths() -> [Int] {
    var depths = isMissing.map { $0 ? Int.max : 0 }
    var ring = isMissing.indices.filter { !isMissing[$0] }
    var depth = 0
    while !ring.isEmpty {
      depth += 1
      var next: [Int] = []
      for pixel in ring {
        for neighbour in neighbours(of: pixel) where depths[neighbour] == .max {
          depths[neighbour] = depth
          next.append(neighbour)
        }
      }
      ring = next
    }
    return depths
  }

  /// A first guess: ring by ring, the mean of the neighbours that are known or already guessed.
  mutating func fillFromEdge() {
    let depths = depths()
    let rings = Dictionary(grouping: isMissing.indices.filter { isMissing[$0] }) { depths[$0] }
    for depth in rings.keys.sorted() {
      for pixel in rings[depth] ?? [] {
        let inner = neighbours(of: pixel).filter { depths[$0] < depth }
        for channel in 0..<3 where !inner.isEmpty {
          colors[pixel * 3 + channel] =
            inner.reduce(0) { $0 + colors[$1 * 3 + channel] } / Float(inner.count)
        }
      }
    }
  }

  /// A picture with its missing pixels taken from here.
  func picture(over original: Image) -> Image {
    var result = original
    for pixel in isMissing.indices where isMissing[pixel] {
      for channel in 0..<3 {
        result.pixels[pixel * 3 + channel] = UInt8(
          min(max(colors[pixel * 3 + channel].rounded(), 0), 255))
      }
    }
    return result
  }

  private func neighbours(of pixel: Int) -> [Int] {
    let (row, column) = (pixel / width, pixel % width)
    var result: [Int] = []
    for nearRow in max(row - 1, 0)...min(row + 1, height - 1) {
      for nearColumn in max(column - 1, 0)...min(column + 1, width - 1)
      where nearRow != row || nearColumn != column {
        result.append(nearRow * width + nearColumn)
      }
    }
    return result
  }
}

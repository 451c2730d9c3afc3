/// Chooses where the discriminator looks closely at a hole that is not a rectangle.
///
/// The rule: of all rectangles with half the image's sides, the one that covers most of the hole;
/// of equals the one whose centre is nearest to the hole's centre of mass, then the first in
/// reading order. A mask without a hole gets the centred one.
///
/// - Parameters:
///   - hole: Row by row, 1 = hole.
///   - width: Columns of the image.
///   - height: Rows of the image.
/// - Returns: `height / 2` rows and `width / 2` columns inside the image.
package func localCrop(ofHole hole: [UInt8], width: Int, height: Int) -> Rectangle {
  let (cropHeight, cropWidth) = (height / 2, width / 2)
  let sums = AreaSums(hole, width: width, height: height)
  var (rowSum, columnSum) = (0.0, 0.0)
  for row in 0..<height {
    for column in 0..<width where hole[row * width + column] == 1 {
      rowSum += Double(row)
      columnSum += Double(column)
    }
  }
  let area = Double(sums.total)
  // The centre of mass as the top left corner of a crop around it.
  let ideal =
    sums.total > 0
    ? (
      row: rowSum / area + 0.5 - Double(cropHeight) / 2,
      column: columnSum / area + 0.5 - Double(cropWidth) / 2
    ) : (row: Double((height - cropHeight) / 2), column: Double((width - cropWidth) / 2))

  var best = (covered: -1, distance: Double.infinity, top: 0, left: 0)
  for top in 0...height - cropHeight {
    for left in 0...width - cropWidth {
      let covered = sums.sum(top: top, left: left, height: cropHeight, width: cropWidth)
      if covered < best.covered { continue }
      let (down, right) = (Double(top) - ideal.row, Double(left) - ideal.column)
      let distance = down * down + right * right
      if covered > best.covered || distance < best.distance {
        best = (covered, distance, top, left)
      }
    }
  }
  return Rectangle(top: best.top, left: best.left, height: cropHeight, width: cropWidth)
}

/// Sums over any rectangle in constant time.
private struct AreaSums {
  /// The sum of all values.
  let total: Int
  /// `sums[row * (width + 1) + column]` is the sum of what is above `row` and left of `column`.
  private let sums: [Int32]
  private let rowLength: Int

  init(_ values: [UInt8], width: Int, height: Int) {
    rowLength = width + 1
    var sums = [Int32](repeating: 0, count: (height + 1) * rowLength)
    for row in 0..<height {
      var rowSum: Int32 = 0
      for column in 0..<width {
        rowSum += Int32(values[row * width + column])
        sums[(row + 1) * rowLength + column + 1] = sums[row * rowLength + column + 1] + rowSum
      }
    }
    self.sums = sums
    total = Int(sums[height * rowLength + width])
  }

  func sum(top: Int, left: Int, height: Int, width: Int) -> Int {
    let (above, below) = (top * rowLength + left, (top + height) * rowLength + left)
    return Int(sums[below + width] - sums[below] - sums[above + width] + sums[above])
  }
}

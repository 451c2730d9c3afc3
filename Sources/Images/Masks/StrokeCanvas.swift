/// A mask in the making.
struct StrokeCanvas {
  let width: Int
  let height: Int
  var values: [UInt8]

  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    values = [UInt8](repeating: 0, count: width * height)
  }

  /// The share of the picture that is painted.
  var share: Double { Double(values.count { $0 != 0 }) / Double(values.count) }

  /// The mask.
  var hole: HoleMask { HoleMask(width: width, height: height, values: values) }

  /// Paints a rectangle that lies within the picture.
  mutating func paintRectangle(_ rectangle: Rectangle) {
    for row in rectangle.rows {
      for column in rectangle.columns { values[row * width + column] = 1 }
    }
  }

  /// Paints a line with round ends: every pixel at most half a diameter away from it.
  mutating func paintLine(
    from start: (row: Int, column: Int), to end: (row: Int, column: Int), diameter: Int
  ) {
    let (down, right) = (end.row - start.row, end.column - start.column)
    let squaredLength = down * down + right * right
    let reach = (diameter + 1) / 2
    let rows =
      max(min(start.row, end.row) - reach, 0)...min(max(start.row, end.row) + reach, height - 1)
    let columns =
      max(
        min(start.column, end.column) - reach, 0)...min(
        max(start.column, end.column) + reach, width - 1)
    for row in rows {
      for column in columns {
        let (toRow, toColumn) = (row - start.row, column - start.column)
        let along = toRow * down + toColumn * right
        let isNear: Bool
        if along <= 0 {
          isNear = 4 * (toRow * toRow + toColumn * toColumn) <= diameter * diameter
        } else if along >= squaredLength {
          let (fromRow, fromColumn) = (row - end.row, column - end.column)
          isNear = 4 * (fromRow * fromRow + fromColumn * fromColumn) <= diameter * diameter
        } else {
          let across = toRow * right - toColumn * down
          isNear = 4 * across * across <= diameter * diameter * squaredLength
        }
        if isNear { values[row * width + column] = 1 }
      }
    }
  }
}

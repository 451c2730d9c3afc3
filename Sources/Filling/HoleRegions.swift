package import Images

/// The surroundings of the holes of a large picture: squares that do not touch each other and that
/// together hold every missing pixel.
///
/// A square has twice the sides of its hole, as in training, and at least 256 pixels where the
/// picture has them. Squares that would overlap become one.
///
/// - Returns: Rectangles inside the picture; one for each group of holes.
package func regions(roundHolesOf hole: HoleMask) -> [Rectangle] {
  var boxes: [Rectangle] = []
  for var box in holeBoxes(hole) {
    var square = surroundings(of: box, width: hole.width, height: hole.height)
    while let index = boxes.firstIndex(where: {
      surroundings(of: $0, width: hole.width, height: hole.height).intersects(square)
    }) {
      box = box.union(boxes.remove(at: index))
      square = surroundings(of: box, width: hole.width, height: hole.height)
    }
    boxes.append(box)
  }
  return boxes.map { surroundings(of: $0, width: hole.width, height: hole.height) }
    .sorted { ($0.top, $0.left) < ($1.top, $1.left) }
}

/// Bounding boxes of the holes; missing pixels less than a cell of 16 pixels apart belong together.
private func holeBoxes(_ hole: HoleMask) -> [Rectangle] {
  let cell = 16
  let (columns, rows) = ((hole.width + cell - 1) / cell, (hole.height + cell - 1) / cell)
  var boxes = [Rectangle?](repeating: nil, count: columns * rows)
  for row in 0..<hole.height {
    for column in 0..<hole.width where hole.values[row * hole.width + column] == 1 {
      let pixel = Rectangle(top: row, left: column, height: 1, width: 1)
      let index = row / cell * columns + column / cell
      boxes[index] = boxes[index]?.union(pixel) ?? pixel
    }
  }
  var found: [Rectangle] = []
  for start in boxes.indices where boxes[start] != nil {
    var pending = [start]
    var group: Rectangle?
    while let index = pending.popLast() {
      guard let box = boxes[index] else { continue }
      boxes[index] = nil
      group = group?.union(box) ?? box
      let (row, column) = (index / columns, index % columns)
      for nearRow in max(row - 1, 0)...min(row + 1, rows - 1) {
        for nearColumn in max(column - 1, 0)...min(column + 1, columns - 1) {
          pending.append(nearRow * columns + nearColumn)
        }
      }
    }
    if let group { found.append(group) }
  }
  return found
}

private func surroundings(of box: Rectangle, width: Int, height: Int) -> Rectangle {
  let side = max(2 * max(box.width, box.height), 256)
  func place(_ start: Int, _ length: Int, within extent: Int) -> (start: Int, length: Int) {
    let sideLength = min(side, extent)
    let centred = start + length / 2 - sideLength / 2
    return (min(max(centred, 0), extent - sideLength), sideLength)
  }
  let across = place(box.left, box.width, within: width)
  let down = place(box.top, box.height, within: height)
  return Rectangle(
    top: down.start, left: across.start, height: down.length, width: across.length)
}

extension Rectangle {
  fileprivate func union(_ other: Rectangle) -> Rectangle {
    let (top, left) = (min(top, other.top), min(left, other.left))
    return Rectangle(
      top: top, left: left,
      height: max(rows.upperBound, other.rows.upperBound) - top,
      width: max(columns.upperBound, other.columns.upperBound) - left)
  }

  fileprivate func intersects(_ other: Rectangle) -> Bool {
    rows.overlaps(other.rows) && columns.overlaps(other.columns)
  }
}

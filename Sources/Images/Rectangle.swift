/// A rectangle of pixels: half-open ranges of rows and columns, origin top left.
package struct Rectangle: Equatable, Hashable, Sendable, Codable {
  /// First row.
  package var top: Int
  /// First column.
  package var left: Int
  /// Number of rows.
  package var height: Int
  /// Number of columns.
  package var width: Int

  /// Makes a rectangle from its first row and column and its size.
  package init(top: Int, left: Int, height: Int, width: Int) {
    (self.top, self.left, self.height, self.width) = (top, left, height, width)
  }

  /// The rows, top to bottom.
  package var rows: Range<Int> { top..<top + height }
  /// The columns, left to right.
  package var columns: Range<Int> { left..<left + width }
  /// Number of pixels.
  package var area: Int { height * width }
  /// Whether there is no pixel inside.
  package var isEmpty: Bool { height <= 0 || width <= 0 }

  /// Whether every pixel of another rectangle is inside.
  package func contains(_ other: Rectangle) -> Bool {
    other.top >= top && other.left >= left && other.top + other.height <= top + height
      && other.left + other.width <= left + width
  }
}

extension Image {
  /// Writes a line of ASCII text; what lies outside of the picture is cut off.
  ///
  /// - Parameters:
  ///   - text: The text; other characters than printable ASCII are written as "?".
  ///   - row: First row of the capital letters.
  ///   - column: First column.
  ///   - scale: Pixels per dot of the 5 x 9 font.
  ///   - value: Written to every channel.
  mutating func drawText(_ text: String, row: Int, column: Int, scale: Int, value: UInt8) {
    for (position, character) in text.enumerated() {
      let left = column + position * BitmapFont.advance * scale
      for dotRow in 0..<BitmapFont.glyphHeight {
        for dotColumn in 0..<BitmapFont.glyphWidth
        where BitmapFont.isInked(character, row: dotRow, column: dotColumn) {
          fill(
            Rectangle(
              top: row + dotRow * scale, left: left + dotColumn * scale,
              height: scale, width: scale),
            value: value)
        }
      }
    }
  }

  /// Width of a line of text in pixels.
  static func textWidth(_ text: String, scale: Int) -> Int {
    max(text.count * BitmapFont.advance - 1, 0) * scale
  }

  /// Sets every channel of the part of a rectangle that lies inside the picture.
  mutating func fill(_ rectangle: Rectangle, value: UInt8) {
    for row in rectangle.rows.clamped(to: 0..<height) {
      for column in rectangle.columns.clamped(to: 0..<width) {
        let start = (row * width + column) * channels
        for channel in 0..<channels { pixels[start + channel] = value }
      }
    }
  }

  /// Copies another picture of as many channels to a place inside this one.
  mutating func paste(_ other: Image, top: Int, left: Int) {
    precondition(
      other.channels == channels
        && bounds.contains(
          Rectangle(top: top, left: left, height: other.height, width: other.width)),
      "the picture does not fit at row \(top), column \(left)")
    let rowBytes = other.width * channels
    for row in 0..<other.height {
      let start = ((top + row) * width + left) * channels
      pixels.replaceSubrange(
        start..<start + rowBytes, with: other.pixels[row * rowBytes..<(row + 1) * rowBytes])
    }
  }
}

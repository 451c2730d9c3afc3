extension Image {
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

import Images
import TensorCore

/// A picture by a formula for each value.
func picture(
  _ width: Int, _ height: Int, _ value: (_ row: Int, _ column: Int, _ channel: Int) -> Int
) -> Image {
  var image = Image(width: width, height: height)
  for row in 0..<height {
    for column in 0..<width {
      for channel in 0..<3 {
        image.pixels[(row * width + column) * 3 + channel] = UInt8(
          min(max(value(row, column, channel), 0), 255))
      }
    }
  }
  return image
}

/// A rectangular hole.
func hole(_ width: Int, _ height: Int, rows: Range<Int>, columns: Range<Int>) -> HoleMask {
  HoleMask(width: width, height: height) { rows.contains($0) && columns.contains($1) }
}

/// Mean absolute difference inside a hole, in grey levels.
func meanDifference(_ a: Image, _ b: Image, in hole: HoleMask) -> Double {
  var sum = 0
  for pixel in hole.values.indices where hole.values[pixel] == 1 {
    for channel in 0..<3 {
      sum += abs(Int(a.pixels[pixel * 3 + channel]) - Int(b.pixels[pixel * 3 + channel]))
    }
  }
  return Double(sum) / Double(3 * max(hole.holeArea, 1))
}

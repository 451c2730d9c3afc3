import Images

/// What filling a hole has changed of a picture.
struct FillResult: Sendable {
  /// The number of the fill that made it.
  let id: String
  /// The photograph.
  let picture: String
  /// The result that it went on from; nil for the photograph itself.
  let from: String?
  /// Who filled, for file names.
  let network: String
  /// The hole's bounding box.
  let box: Rectangle
  /// A PNG of the box: the new colours, opaque in the hole and transparent outside.
  let patchPath: String
  /// The size of that file.
  let patchBytes: Int
}

extension HoleMask {
  /// The bounding box of all holes; nil where there is none.
  var bounds: Rectangle? {
    var (top, bottom, left, right) = (height, -1, width, -1)
    for row in 0..<height {
      let start = row * width
      guard let first = values[start..<start + width].firstIndex(of: 1),
        let last = values[start..<start + width].lastIndex(of: 1)
      else { continue }
      (top, bottom) = (min(top, row), row)
      (left, right) = (min(left, first - start), max(right, last - start))
    }
    guard bottom >= 0 else { return nil }
    return Rectangle(top: top, left: left, height: bottom - top + 1, width: right - left + 1)
  }

  /// The pixels of a box of a filled picture: opaque in the hole, transparent and black outside.
  func patch(of filled: Image, in box: Rectangle) -> Image {
    var patch = Image(width: box.width, height: box.height, channels: 4)
    for row in 0..<box.height {
      for column in 0..<box.width {
        let source = (box.top + row) * width + box.left + column
        guard values[source] == 1 else { continue }
        let target = (row * box.width + column) * 4
        for channel in 0..<3 {
          patch.pixels[target + channel] = filled.pixels[source * 3 + channel]
        }
        patch.pixels[target + 3] = 255
      }
    }
    return patch
  }
}

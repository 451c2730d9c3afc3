package import Images

/// One level of a picture's Laplacian pyramid: what is lost from one halving to the next.
///
/// Pictures are halved by taking every other pixel of a 5x5 binomial blur, and doubled by repeating pixels
/// and blurring; beyond the border is 0.
///
/// - Reference: Burt and Adelson 1983; the code of mmagic's `swd.py`.
package struct LaplacianLevel {
  /// Height and width.
  package let side: Int
  /// [3, side, side]; of the picture in [-1, 1].
  package let values: [Float]

  /// Computes a level.
  ///
  /// - Parameters:
  ///   - level: 0 has the picture's size, each further one half of that.
  ///   - count: Levels in all: the last one is the halved picture itself.
  ///   - picture: A square RGB picture whose side can be halved `count - 1` times.
  package init(_ level: Int, of count: Int, _ picture: Image) {
    precondition(
      picture.channels == 3 && picture.width == picture.height
        && picture.width.isMultiple(of: 1 << (count - 1)) && (0..<count).contains(level),
      "level \(level) of \(count) for \(picture.width)x\(picture.height)x\(picture.channels)")
    var plane = SquarePlanes(picture)
    for _ in 0..<level { plane = plane.blurred().halved() }
    if level < count - 1 { plane = plane.minus(plane.blurred().halved().doubled().blurred()) }
    (side, values) = (plane.side, plane.values)
  }
}

/// Three square planes of numbers.
private struct SquarePlanes {
  let side: Int
  /// [3, side, side].
  let values: [Float]

  init(side: Int, values: [Float]) { (self.side, self.values) = (side, values) }

  init(_ picture: Image) {
    let area = picture.width * picture.height
    let values = [Float](unsafeUninitializedCapacity: 3 * area) { buffer, count in
      picture.writePlanes(to: UnsafeMutableBufferPointer(rebasing: buffer[0..<3 * area]))
      count = 3 * area
    }
    self.init(side: picture.width, values: values)
  }

  func minus(_ other: SquarePlanes) -> SquarePlanes {
    SquarePlanes(side: side, values: zip(values, other.values).map { $0 - $1 })
  }

  func halved() -> SquarePlanes {
    let half = side / 2
    return SquarePlanes(
      side: half,
      values: (0..<3 * half * half).map { index in
        let (row, column) = (index / half, index % half)
        // Rows of all planes follow each other, and a plane has an even number of them.
        return values[2 * row * side + 2 * column]
      })
  }

  func doubled() -> SquarePlanes {
    let twice = 2 * side
    return SquarePlanes(
      side: twice,
      values: (0..<3 * twice * twice).map { index in
        values[index / twice / 2 * side + index % twice / 2]
      })
  }

  /// The blur with the weights 1, 4, 6, 4, 1 over 16, along rows and columns.
  func blurred() -> SquarePlanes {
    func blurred(_ values: [Float], step: Int, place: (Int) -> Int) -> [Float] {
      values.indices.map { index in
        let position = place(index)
        var sum = 6 * values[index]
        if position >= 1 { sum += 4 * values[index - step] }
        if position + 1 < side { sum += 4 * values[index + step] }
        if position >= 2 { sum += values[index - 2 * step] }
        if position + 2 < side { sum += values[index + 2 * step] }
        return sum / 16
      }
    }
    let rows = blurred(values, step: 1) { $0 % side }
    return SquarePlanes(
      side: side, values: blurred(rows, step: side) { $0 / side % side })
  }
}

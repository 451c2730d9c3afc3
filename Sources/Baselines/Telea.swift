package import Images

/// Fills a hole from its edge inwards with weighted means of what is near.
///
/// Pixels are filled in the order in which a front from the edge reaches them. A pixel's value is the
/// mean of the filled and known pixels around it, weighted by direction (along the front's movement),
/// by distance and by the difference of arrival times, plus a first-order term. That term is scaled to
/// unit length, as OpenCV's `cv2.inpaint(..., cv2.INPAINT_TELEA)` does: unlimited, it overshoots in
/// large holes.
///
/// - Reference: Telea 2004, "An image inpainting technique based on the fast marching method".
package struct Telea: InpaintingBaseline {
  /// Pixels at most this far away count.
  package let radius: Int

  /// Makes the baseline.
  ///
  /// - Precondition: The radius is positive.
  package init(radius: Int = 5) {
    precondition(radius > 0, "no neighbourhood of radius \(radius)")
    self.radius = radius
  }

  package func filled(_ picture: Image, hole: HoleMask, sample: Int) -> Image {
    let rowLength = picture.width + 2
    var states = [FastMarching.State](repeating: .known, count: rowLength * (picture.height + 2))
    for row in 0..<hole.height {
      for column in 0..<hole.width where hole.values[row * hole.width + column] == 1 {
        states[(row + 1) * rowLength + column + 1] = .unknown
      }
    }
    for row in 0..<hole.height {
      for column in 0..<hole.width {
        let position = (row + 1) * rowLength + column + 1
        let neighbours = [position - rowLength, position - 1, position + 1, position + rowLength]
        if states[position] == .known, neighbours.contains(where: { states[$0] == .unknown }) {
          states[position] = .band
        }
      }
    }
    var inwards = FastMarching(states: states, rowLength: rowLength)
    // Before the edge, time is negative.
    var outwards = FastMarching(
      states: outside(of: states, rowLength: rowLength), rowLength: rowLength)
    outwards.march { _, _ in }
    for position in states.indices
    where states[position] == .known && outwards.times[position] < FastMarching.never {
      inwards.adopt(-outwards.times[position], at: position)
    }
    var painter = Painter(picture, radius: radius)
    inwards.march { position, marching in painter.paint(position, marching) }
    return painter.picture
  }

  /// The states of a front that moves away from the hole, as far as the radius.
  private func outside(
    of states: [FastMarching.State], rowLength: Int
  ) -> [FastMarching.State] {
    let rows = states.count / rowLength
    var result = states.map { $0 == .unknown ? .known : $0 }
    for row in 1..<rows - 1 {
      for column in 1..<rowLength - 1 where states[row * rowLength + column] == .unknown {
        for nearRow in max(row - radius, 1)...min(row + radius, rows - 2) {
          for nearColumn in max(column - radius, 1)...min(column + radius, rowLength - 2) {
            let position = nearRow * rowLength + nearColumn
            if states[position] == .known { result[position] = .unknown }
          }
        }
      }
    }
    return result
  }
}

/// A picture that is being filled, one pixel after another.
private struct Painter {
  private(set) var picture: Image
  private let radius: Int

  init(_ picture: Image, radius: Int) { (self.picture, self.radius) = (picture, radius) }

  /// Fills the pixel at a position of the marching grid.
  mutating func paint(_ position: Int, _ marching: borrowing FastMarching) {
    let rowLength = marching.rowLength
    let (row, column) = (position / rowLength - 1, position % rowLength - 1)
    let time = marching.times[position]
    let timeGradient = (
      x: slope(marching, position, step: 1) { marching.times[$0] },
      y: slope(marching, position, step: rowLength) { marching.times[$0] }
    )
    var (weightSum, means) = (Float(1e-20), SIMD3<Float>())
    var (acrossSums, downSums) = (SIMD3<Float>(), SIMD3<Float>())
    for nearRow in max(row - radius, 0)...min(row + radius, picture.height - 1) {
      for nearColumn in max(column - radius, 0)...min(column + radius, picture.width - 1) {
        let near = (nearRow + 1) * rowLength + nearColumn + 1
        let (down, right) = (Float(row - nearRow), Float(column - nearColumn))
        let squaredDistance = down * down + right * right
        guard marching.states[near] != .unknown, near != position,
          squaredDistance <= Float(radius * radius)
        else { continue }
        let alignment = right * timeGradient.x + down * timeGradient.y
        let direction = abs(alignment) <= 0.01 ? 1e-6 : abs(alignment)
        let level = 1 / (1 + abs(marching.times[near] - time))
        let weight = direction * level / (squaredDistance * squaredDistance.squareRoot())
        let across = slope(marching, near, step: 1) { color(at: $0, rowLength) }
        let below = slope(marching, near, step: rowLength) { color(at: $0, rowLength) }
        means += weight * color(at: near, rowLength)
        acrossSums += weight * right * across
        downSums += weight * down * below
        weightSum += weight
      }
    }
    for channel in 0..<3 {
      let (across, below) = (acrossSums[channel], downSums[channel])
      let length = (across * across + below * below).squareRoot()
      let value = means[channel] / weightSum + (length > 0 ? (across + below) / length : 0)
      picture.pixels[(row * picture.width + column) * 3 + channel] = UInt8(
        min(max(value.rounded(), 0), 255))
    }
  }

  private func color(at position: Int, _ rowLength: Int) -> SIMD3<Float> {
    let pixel = (position / rowLength - 1) * picture.width + position % rowLength - 1
    return SIMD3(
      Float(picture.pixels[pixel * 3]), Float(picture.pixels[pixel * 3 + 1]),
      Float(picture.pixels[pixel * 3 + 2]))
  }

  /// The difference quotient of a quantity from those neighbours that are filled or known.
  private func slope<Value: DifferenceQuotient>(
    _ marching: borrowing FastMarching, _ position: Int, step: Int, of value: (Int) -> Value
  ) -> Value {
    let (before, after) = (position - step, position + step)
    func isUsable(_ neighbour: Int) -> Bool {
      marching.states[neighbour] != .unknown && isInside(neighbour, marching.rowLength)
    }
    switch (isUsable(before), isUsable(after)) {
    case (true, true): return (value(after) - value(before)).halved
    case (true, false): return value(position) - value(before)
    case (false, true): return value(after) - value(position)
    case (false, false): return value(position) - value(position)
    }
  }

  private func isInside(_ position: Int, _ rowLength: Int) -> Bool {
    let (row, column) = (position / rowLength, position % rowLength)
    return (1...picture.height).contains(row) && (1...picture.width).contains(column)
  }
}

private protocol DifferenceQuotient {
  static func - (a: Self, b: Self) -> Self
  var halved: Self { get }
}

extension Float: DifferenceQuotient {
  fileprivate var halved: Float { self / 2 }
}

extension SIMD3: DifferenceQuotient where Scalar == Float {
  fileprivate var halved: SIMD3<Float> { self / 2 }
}

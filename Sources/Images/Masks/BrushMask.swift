import Glibc
package import TensorCore

/// Free-form holes: a few thick strokes that turn to and fro, as if painted with a brush.
///
/// A stroke starts anywhere and has straight parts. Every other part goes back, so that strokes
/// fold over themselves; lengths are normally distributed with the mean `length` and half of it as
/// deviation, cut off at 0 and at twice the mean. Lengths and widths are parts of the image's size.
///
/// - Reference: Yu et al. 2019, "Free-form image inpainting with gated convolution", arXiv
///   1806.03589, appendix; the defaults are its values for 256 pixels.
package struct BrushMask: MaskKind {
  /// Number of strokes.
  package var strokes = 1...3
  /// Straight parts of a stroke.
  package var vertices = 4...11
  /// Mean length of a straight part, as a part of the image's diagonal.
  package var length = 0.125
  /// Width of a stroke, as a part of the image's shorter side.
  package var width = 12.0 / 256...40.0 / 256
  /// Mean direction of a part, in turns.
  package var angle = 0.2
  /// Largest deviation from the mean direction, in turns.
  package var angleRange = 1.0 / 15

  /// Strokes with the usual parameters.
  package init() {}

  package func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) -> HoleMask {
    var canvas = StrokeCanvas(width: subject.width, height: subject.height)
    for _ in 0..<random.integer(in: strokes) { paintStroke(on: &canvas, using: &random) }
    let painted = Image(
      width: canvas.width, height: canvas.height, channels: 1, pixels: canvas.values)
    let mirrored = random.integer(in: 0...1) == 1 ? painted.flippedHorizontally() : painted
    let turned = random.integer(in: 0...1) == 1 ? mirrored.flippedVertically() : mirrored
    return HoleMask(width: subject.width, height: subject.height, values: turned.pixels)
  }

  private func paintStroke(on canvas: inout StrokeCanvas, using random: inout CounterBasedRandom) {
    let diagonal = Double(canvas.width * canvas.width + canvas.height * canvas.height)
      .squareRoot()
    let meanLength = length * diagonal
    let turns =
      angle - random.uniform(in: 0...angleRange)...angle + random.uniform(in: 0...angleRange)
    let parts = random.integer(in: vertices)
    let side = Double(min(canvas.width, canvas.height))
    let diameter = max(1, Int((random.uniform(in: width) * side).rounded()))
    var column = random.integer(in: 0...canvas.width - 1)
    var row = random.integer(in: 0...canvas.height - 1)
    for part in 0..<parts {
      let turn = random.uniform(in: turns)
      let direction = 2 * Double.pi * (part.isMultiple(of: 2) ? 1 - turn : turn)
      let normal = random.standardNormal()
      let partLength = min(max(meanLength + normal * meanLength / 2, 0), 2 * meanLength)
      // Whole pixels: the last bit of a library's cosine then decides nothing.
      let right = Int((partLength * cos(direction)).rounded())
      let down = Int((partLength * sin(direction)).rounded())
      let nextColumn = min(max(column + right, 0), canvas.width - 1)
      let nextRow = min(max(row + down, 0), canvas.height - 1)
      canvas.paintLine(from: (row, column), to: (nextRow, nextColumn), diameter: diameter)
      (row, column) = (nextRow, nextColumn)
    }
  }
}

extension CounterBasedRandom {
  /// A number from the normal distribution with mean 0 and deviation 1 (Box and Muller's method).
  fileprivate mutating func standardNormal() -> Double {
    let radius = (-2 * log(1 - Double(uniform()))).squareRoot()
    return radius * cos(2 * Double.pi * Double(uniform()))
  }
}

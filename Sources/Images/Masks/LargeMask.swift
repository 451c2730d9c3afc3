import Glibc
package import TensorCore

/// LaMa's masks in three widths: polygonal chains of strokes, or, less often, a few boxes.
///
/// Sizes are those for 256 pixels, and grow with the picture. Masks that cover more than half of it are
/// drawn again.
///
/// - Reference: Suvorov et al. 2022, "Resolution-robust large mask inpainting with Fourier convolutions", arXiv
///   2109.07161, appendix; numbers of its published configurations `random_{thin,medium,thick}_256`.
package struct LargeMask: MaskKind {
  /// How wide strokes and boxes are.
  package enum Width: String, CaseIterable, Sendable {
    /// Many thin strokes.
    case thin
    /// Some strokes or boxes of middle size.
    case medium
    /// A few thick strokes or large boxes.
    case thick
  }

  private struct Boxes {
    let count: ClosedRange<Int>
    let side: ClosedRange<Double>
    let margin: Double
  }

  private let strokeCount: ClosedRange<Int>
  private let strokeWidth: ClosedRange<Double>
  private let partLength: ClosedRange<Double>
  private let boxes: Boxes?

  /// The published numbers of a width.
  package init(_ width: Width) {
    switch width {
    case .thin:
      (strokeCount, strokeWidth, partLength) = (4...51, 5...14, 10...49)
      boxes = nil
    case .medium:
      (strokeCount, strokeWidth, partLength) = (4...6, 5...54, 10...109)
      boxes = Boxes(count: 1...5, side: 10...50, margin: 0)
    case .thick:
      (strokeCount, strokeWidth, partLength) = (1...6, 5...104, 10...209)
      boxes = Boxes(count: 1...3, side: 30...150, margin: 10)
    }
  }

  /// Boxes are drawn 0.3 times as often as strokes.
  private static let boxShare = 0.3 / 1.3
  private static let largestShare = 0.5
  private static let attempts = 20

  package func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) -> HoleMask {
    var smallest: StrokeCanvas?
    for _ in 0..<Self.attempts {
      var canvas = StrokeCanvas(width: subject.width, height: subject.height)
      if let boxes, random.uniform(in: 0...1) < Self.boxShare {
        paint(boxes, on: &canvas, using: &random)
      } else {
        for stroke in 0..<random.integer(in: strokeCount) {
          paintStroke(isMirrored: stroke.isMultiple(of: 2), on: &canvas, using: &random)
        }
      }
      guard canvas.share > Self.largestShare else { return canvas.hole }
      if canvas.share < smallest?.share ?? .infinity { smallest = canvas }
    }
    // Strokes as wide as a picture of a few pixels may leave nothing else.
    return (smallest ?? StrokeCanvas(width: subject.width, height: subject.height)).hole
  }

  private func paintStroke(
    isMirrored: Bool, on canvas: inout StrokeCanvas, using random: inout CounterBasedRandom
  ) {
    let scale = Double(min(canvas.width, canvas.height)) / 256
    var column = random.integer(in: 0...canvas.width - 1)
    var row = random.integer(in: 0...canvas.height - 1)
    for _ in 0..<random.integer(in: 1...5) {
      let turn = 0.01 + Double(random.integer(in: 0...3))
      let angle = isMirrored ? 2 * Double.pi - turn : turn
      let length = random.uniform(in: partLength) * scale
      let diameter = max(1, Int((random.uniform(in: strokeWidth) * scale).rounded()))
      // Whole pixels: the last bit of a library's sine then decides nothing.
      let nextColumn = min(max(column + Int((length * sin(angle)).rounded()), 0), canvas.width - 1)
      let nextRow = min(max(row + Int((length * cos(angle)).rounded()), 0), canvas.height - 1)
      canvas.paintLine(from: (row, column), to: (nextRow, nextColumn), diameter: diameter)
      (row, column) = (nextRow, nextColumn)
    }
  }

  private func paint(
    _ boxes: Boxes, on canvas: inout StrokeCanvas, using random: inout CounterBasedRandom
  ) {
    let scale = Double(min(canvas.width, canvas.height)) / 256
    let margin = Int(boxes.margin * scale)
    for _ in 0..<random.integer(in: boxes.count) {
      let (width, height) = (
        max(1, Int((random.uniform(in: boxes.side) * scale).rounded())),
        max(1, Int((random.uniform(in: boxes.side) * scale).rounded()))
      )
      canvas.paintRectangle(
        Rectangle(
          top: margin + random.integer(in: 0...canvas.height - 2 * margin - height),
          left: margin + random.integer(in: 0...canvas.width - 2 * margin - width),
          height: height, width: width))
    }
  }
}

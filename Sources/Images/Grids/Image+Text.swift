extension Image {
  /// Writes a line of ASCII text in smooth round strokes; what lies outside of the picture is cut off.
  ///
  /// - Parameters:
  ///   - text: The text; other characters than printable ASCII are written as "?".
  ///   - row: First row of the capital letters.
  ///   - column: First column.
  ///   - scale: Pixels per dot of the 5 x 9 font whose dots the strokes join.
  ///   - value: Written to every channel where a stroke covers a pixel whole.
  mutating func drawText(_ text: String, row: Int, column: Int, scale: Int, value: UInt8) {
    for (position, character) in text.enumerated() {
      let left = column + position * BitmapFont.advance * scale
      let strokes = GlyphStrokes(character)
      // Half a dot is added on each side: strokes are round.
      for y in -scale..<(BitmapFont.glyphHeight + 1) * scale {
        for x in -scale..<(BitmapFont.glyphWidth + 1) * scale {
          let coverage = strokes.coverage(
            row: (Float(y) + 0.5) / Float(scale), column: (Float(x) + 0.5) / Float(scale),
            pixel: 1 / Float(scale))
          if coverage > 0 { blend(value, coverage, row: row + y, column: left + x) }
        }
      }
    }
  }

  private mutating func blend(_ value: UInt8, _ coverage: Float, row: Int, column: Int) {
    guard (0..<height).contains(row), (0..<width).contains(column) else { return }
    let start = (row * width + column) * channels
    for channel in start..<start + channels {
      let background = Float(pixels[channel])
      pixels[channel] = UInt8(background + coverage * (Float(value) - background) + 0.5)
    }
  }

  /// Width of a line of text in pixels.
  static func textWidth(_ text: String, scale: Int) -> Int {
    max(text.count * BitmapFont.advance - 1, 0) * scale
  }
}

/// A character as strokes between the centres of neighbouring dots of the font.
private struct GlyphStrokes {
  private struct Stroke {
    let row, column, rowStep, columnStep: Float
  }

  /// Half the width of a stroke, in dots.
  private static let radius: Float = 0.48
  private let strokes: [Stroke]

  init(_ character: Character) {
    func isInked(_ row: Int, _ column: Int) -> Bool {
      (0..<BitmapFont.glyphHeight).contains(row) && (0..<BitmapFont.glyphWidth).contains(column)
        && BitmapFont.isInked(character, row: row, column: column)
    }
    var strokes: [Stroke] = []
    for row in 0..<BitmapFont.glyphHeight {
      for column in 0..<BitmapFont.glyphWidth where isInked(row, column) {
        func add(_ rowStep: Int, _ columnStep: Int) {
          strokes.append(
            Stroke(
              row: Float(row) + 0.5, column: Float(column) + 0.5, rowStep: Float(rowStep),
              columnStep: Float(columnStep)))
        }
        // A dot alone, and the start of every stroke.
        add(0, 0)
        for (rowStep, columnStep) in [(0, 1), (1, 0), (1, 1), (1, -1)]
        where isInked(row + rowStep, column + columnStep) {
          // A diagonal only where no corner joins both dots.
          let isCorner =
            rowStep != 0 && columnStep != 0
            && (isInked(row, column + columnStep) || isInked(row + rowStep, column))
          if !isCorner { add(rowStep, columnStep) }
        }
      }
    }
    self.strokes = strokes
  }

  /// How much of a pixel the strokes cover, 0 to 1.
  func coverage(row: Float, column: Float, pixel: Float) -> Float {
    var nearest = Float.infinity
    for stroke in strokes {
      let (down, across) = (row - stroke.row, column - stroke.column)
      let length = stroke.rowStep * stroke.rowStep + stroke.columnStep * stroke.columnStep
      let along = down * stroke.rowStep + across * stroke.columnStep
      let part = length > 0 ? min(max(along / length, 0), 1) : 0
      let (y, x) = (down - part * stroke.rowStep, across - part * stroke.columnStep)
      nearest = min(nearest, (y * y + x * x).squareRoot())
    }
    return min(max((Self.radius - nearest) / pixel + 0.5, 0), 1)
  }
}

/// A sheet of pictures in rows, a label at the left of each row, small pictures enlarged so that a
/// person sees what is on them.
package struct ImageGrid: Sendable {
  /// A row of the sheet.
  package struct Row: Sendable {
    /// What the row shows.
    package var label: String
    /// The pictures, left to right.
    package var images: [Image]

    /// A row of pictures.
    package init(_ label: String, _ images: [Image]) {
      (self.label, self.images) = (label, images)
    }
  }

  /// A line above the pictures, or nil.
  package var title: String?
  /// The rows, top to bottom.
  package var rows: [Row]

  /// Arranges rows of pictures.
  package init(title: String? = nil, rows: [Row]) {
    (self.title, self.rows) = (title, rows)
  }

  /// Rows that a picture has on the sheet at least, where that is at most eight times its own.
  private static let smallestHeight = 176

  /// Draws the sheet: dark text on white, three channels.
  ///
  /// Pictures of fewer than 176 rows are enlarged by a whole factor, with smooth interpolation.
  ///
  /// - Precondition: There is a picture, and all have the same size.
  package func image() -> Image {
    let cells = rows.flatMap(\.images)
    guard let first = cells.first else { preconditionFailure("a sheet without a picture") }
    precondition(
      cells.allSatisfy { $0.width == first.width && $0.height == first.height },
      "the pictures of a sheet have one size")
    let factor = min(max((Self.smallestHeight + first.height - 1) / first.height, 1), 8)
    let cell = (width: first.width * factor, height: first.height * factor)
    let scale = cell.height < 48 ? 1 : cell.height < 384 ? 2 : 3
    let (gap, margin) = (2 * scale, 6 * scale)
    let textHeight = BitmapFont.glyphHeight * scale
    let labelWidth = rows.map { Image.textWidth($0.label, scale: scale) }.max() ?? 0
    let firstColumn = margin + (labelWidth > 0 ? labelWidth + margin : 0)
    let firstRow = margin + (title == nil ? 0 : textHeight + margin)
    let columns = rows.map(\.images.count).max() ?? 0
    let titleWidth = title.map { Image.textWidth($0, scale: scale) } ?? 0
    let picturesEnd = firstColumn + columns * (cell.width + gap) - gap

    var sheet = Image(
      width: max(picturesEnd, margin + titleWidth) + margin,
      height: firstRow + rows.count * (cell.height + gap) - gap + margin, filledWith: 255)
    let ink: UInt8 = 32
    if let title {
      sheet.drawText(title, row: margin, column: margin, scale: scale, value: ink)
    }
    let capitalHeight = 7 * scale
    for (index, row) in rows.enumerated() {
      let top = firstRow + index * (cell.height + gap)
      sheet.drawText(
        row.label, row: top + max(cell.height - capitalHeight, 0) / 2, column: margin,
        scale: scale, value: ink)
      for (position, picture) in row.images.enumerated() {
        let left = firstColumn + position * (cell.width + gap)
        // A hairline, for pictures that are white at the border.
        sheet.fill(
          Rectangle(top: top - 1, left: left - 1, height: cell.height + 2, width: cell.width + 2),
          value: 208)
        let enlarged =
          factor == 1 ? picture : picture.resized(width: cell.width, height: cell.height)
        sheet.paste(enlarged.convertedToRGB(), top: top, left: left)
      }
    }
    return sheet
  }
}

extension Image {
  /// A sheet of pictures, eight in a row, without labels.
  ///
  /// - Precondition: There is a picture, and all have the same size.
  package init(sheetOf pictures: [Image], title: String? = nil) {
    let columns = 8
    self = ImageGrid(
      title: title,
      rows: stride(from: 0, to: pictures.count, by: columns).map {
        ImageGrid.Row("", Array(pictures[$0..<min($0 + columns, pictures.count)]))
      }
    ).image()
  }
}

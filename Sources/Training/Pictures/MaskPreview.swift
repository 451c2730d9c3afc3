package import Configuration
import Datasets
package import Images
import SyntheticFaces
import TensorCore

/// A sheet of every kind of hole over synthetic faces, for people to look at.
package struct MaskPreview {
  /// Parameters of the kinds, and the mixture that the last row shows.
  package var masks: MaskConfiguration
  /// Height and width of each picture.
  package var side: Int
  /// Chooses faces and holes.
  package var seed: UInt64
  /// Pictures of each kind.
  package var count = 8

  /// Describes a sheet.
  package init(masks: MaskConfiguration, side: Int, seed: UInt64) {
    (self.masks, self.side, self.seed) = (masks, side, seed)
  }

  /// Draws the sheet: a row for each kind, each part of the face and the mixture.
  ///
  /// Holes are grey; a frame shows what the discriminator's local branch sees.
  ///
  /// - Throws: What is wrong with the mask pictures.
  package func sheet() throws -> Image {
    let faces = (0..<count).map { SyntheticFace(seed: seed, index: $0) }
    let pictures = faces.map { $0.image(width: side, height: side) }
    let landmarks = faces.map { $0.landmarks(width: side, height: side) }
    func row(_ name: String, _ kind: any MaskKind) throws -> ImageGrid.Row {
      let cells = try pictures.indices.map { index in
        var random = CounterBasedRandom(seed: seed, purpose: .mask, sample: index)
        let hole = try kind.mask(
          for: MaskSubject(width: side, height: side, landmarks: landmarks[index]), using: &random)
        return hole.painted(on: pictures[index], value: 128).framed(hole.box)
      }
      return ImageGrid.Row(name, cells)
    }
    let files = masks.files.isEmpty ? [] : try masks.filePaths()
    var rows: [ImageGrid.Row] = []
    for kind in HoleKind.all where !(kind.needsFiles && files.isEmpty) {
      rows += try kind.variants(masks, files: files).map { try row($0.title, $0.kind) }
    }
    rows.append(try row("mixture", masks.kind(files: files)))
    return ImageGrid(
      title: "holes at \(side) px, seed \(seed); frame: local crop",
      rows: rows
    ).image()
  }
}

/// What the user asks of `inpaint masks`.
package struct MaskPreviewRequest: Sendable {
  /// The picture to write.
  package var output: String
  /// A configuration; nil for the defaults.
  package var configuration: String?
  /// Settings of the form `key.path=value` that replace those of the file.
  package var overrides: [String]
  /// Height and width of each picture; nil for the configuration's, or 128 without one.
  package var side: Int?
  /// Chooses faces and holes; nil for the configuration's.
  package var seed: UInt64?

  /// Makes a request.
  package init(
    output: String, configuration: String?, overrides: [String], side: Int?, seed: UInt64?
  ) {
    (self.output, self.configuration, self.overrides) = (output, configuration, overrides)
    (self.side, self.seed) = (side, seed)
  }

  /// Draws the sheet and writes it.
  ///
  /// - Returns: Lines for the user.
  /// - Throws: `ConfigurationError`, `RunError` or `ImageError`, naming what is wrong.
  package func run() throws -> String {
    let settings =
      try configuration.map { try RunConfiguration.load(path: $0, overrides: overrides) }
      ?? RunConfiguration().applying(overrides: overrides)
    try settings.validate(rankCount: 1)
    let side = side ?? (configuration == nil ? 128 : settings.data.side)
    let preview = MaskPreview(masks: settings.masks, side: side, seed: seed ?? settings.seed)
    try preview.sheet().write(to: output)
    return settings.masks.files.isEmpty
      ? "\(output) (no mask pictures: masks.files names no folder)" : output
  }
}

extension Image {
  /// The RGB picture with the border of a rectangle drawn into it.
  fileprivate func framed(_ rectangle: Rectangle) -> Image {
    var result = self
    let color: [UInt8] = [255, 96, 0]
    let (rows, columns) = (rectangle.rows, rectangle.columns)
    for row in rows {
      for column in columns
      where row == rows.lowerBound || row == rows.upperBound - 1 || column == columns.lowerBound
        || column == columns.upperBound - 1
      {
        result.pixels.replaceSubrange(
          (row * width + column) * 3..<(row * width + column) * 3 + 3, with: color)
      }
    }
    return result
  }
}

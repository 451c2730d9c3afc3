import Glibc
import Images
import Models

/// Where a generator has looked in a part of a picture, of which it saw a padded copy.
package struct AttendedRegion {
  /// The part.
  let region: Rectangle
  /// Columns of the padded copy.
  let width: Int
  /// Rows of the padded copy.
  let height: Int
  /// Places of the padded copy.
  let places: AttendedPlaces
}

/// A picture of where each pixel of a hole got its patch from.
struct AttentionMap {
  private let width, height: Int
  /// Rows and columns to the place that weighs most, in pixels; nil for known pixels.
  private var offsets: [(rows: Int, columns: Int)?]

  /// Starts without a hole.
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    offsets = Array(repeating: nil, count: width * height)
  }

  /// Adds the pixels of a hole inside a region.
  mutating func add(_ attended: AttendedRegion, of hole: HoleMask) {
    let (region, places) = (attended.region, attended.places)
    let (cellHeight, cellWidth) = (
      attended.height / places.height, attended.width / places.width
    )
    for row in region.rows {
      for column in region.columns where hole.values[row * width + column] == 1 {
        let own = (
          row: (row - region.top) / cellHeight, column: (column - region.left) / cellWidth
        )
        let place = Int(places.places[own.row * places.width + own.column])
        // Without a known patch there is nothing to look at.
        guard place >= 0 else { continue }
        offsets[row * width + column] = (
          (place / places.width - own.row) * cellHeight,
          (place % places.width - own.column) * cellWidth
        )
      }
    }
  }

  /// A colour for each offset; white where there is none.
  ///
  /// The hue is its direction, red to the right and on clockwise through yellow-green (below), cyan
  /// (left) and violet (above). The saturation is its length in parts of the longest.
  var image: Image {
    func length(_ offset: (rows: Int, columns: Int)) -> Double {
      Double(offset.rows * offset.rows + offset.columns * offset.columns).squareRoot()
    }
    let longest = max(offsets.compactMap { $0.map(length) }.max() ?? 0, 1)
    var image = Image(width: width, height: height, filledWith: 255)
    for (pixel, offset) in offsets.enumerated() {
      guard let offset else { continue }
      let turns = atan2(Double(offset.rows), Double(offset.columns)) / (2 * Double.pi)
      for channel in 0..<3 {
        // A channel is full within a sixth of a turn round its own hue, and empty beyond a third.
        let distance = abs((turns - Double(channel) / 3).remainder(dividingBy: 1)) * 6
        let full = min(max(2 - distance, 0), 1)
        let value = 1 - length(offset) / longest * (1 - full)
        image.pixels[pixel * 3 + channel] = UInt8((255 * value).rounded())
      }
    }
    return image
  }
}

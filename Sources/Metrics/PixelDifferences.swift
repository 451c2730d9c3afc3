import Images

/// Means over pixels and channels of the differences of two pictures, in grey levels.
struct PixelDifferences {
  let meanAbsolute: Double
  let meanSquared: Double
  let holeMeanAbsolute: Double

  init(_ a: Image, _ b: Image, hole: [UInt8]) {
    precondition(
      a.width == b.width && a.height == b.height && a.channels == b.channels,
      "pictures of different size or channels cannot be compared")
    // Whole numbers: the sums are exact.
    var (absolute, squared, absoluteInHole, holeArea) = (0, 0, 0, 0)
    for pixel in hole.indices {
      var pixelAbsolute = 0
      for position in pixel * a.channels..<(pixel + 1) * a.channels {
        let difference = Int(a.pixels[position]) - Int(b.pixels[position])
        pixelAbsolute += abs(difference)
        squared += difference * difference
      }
      absolute += pixelAbsolute
      if hole[pixel] == 1 {
        absoluteInHole += pixelAbsolute
        holeArea += 1
      }
    }
    meanAbsolute = Double(absolute) / Double(a.pixels.count)
    meanSquared = Double(squared) / Double(a.pixels.count)
    holeMeanAbsolute = Double(absoluteInHole) / Double(max(holeArea * a.channels, 1))
  }
}

extension PictureMetric {
  /// Mean absolute difference inside the hole; 0 without a hole.
  package static let holeL1 = PictureMetric(
    name: "l1_hole_percent", title: "hole L1", unit: "%", digits: 2, better: .lower,
    isValidated: true,
    meaning: "mean absolute difference inside the hole, over channels, percent of 255"
  ) { 100 * $0.differences.holeMeanAbsolute / 255 }

  /// Mean absolute difference over the whole picture.
  package static let l1 = PictureMetric(
    name: "l1_percent", title: "L1", unit: "%", digits: 3, better: .lower, isValidated: false,
    meaning: "the same over the whole picture"
  ) { 100 * $0.differences.meanAbsolute / 255 }

  /// Mean squared difference over the whole picture.
  package static let l2 = PictureMetric(
    name: "l2_percent", title: "L2", unit: "%", digits: 3, better: .lower, isValidated: false,
    meaning: "mean squared difference over the whole picture, percent of 255 squared"
  ) { 100 * $0.differences.meanSquared / (255 * 255) }
}

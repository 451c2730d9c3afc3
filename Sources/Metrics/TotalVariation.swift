package import Images

/// Anisotropic total variation in percent of the range: mean absolute difference of neighbours in a
/// row plus mean absolute difference of neighbours in a column, over all channels.
package func totalVariation(of image: Image) -> Double {
  let (width, height, channels) = (image.width, image.height, image.channels)
  let rowLength = width * channels
  var (acrossSum, downSum) = (0, 0)
  for row in 0..<height {
    let start = row * rowLength
    for position in start + channels..<max(start + rowLength, start + channels) {
      acrossSum += abs(Int(image.pixels[position]) - Int(image.pixels[position - channels]))
    }
    if row == 0 { continue }
    for position in start..<start + rowLength {
      downSum += abs(Int(image.pixels[position]) - Int(image.pixels[position - rowLength]))
    }
  }
  let across = Double(acrossSum) / Double(max(height * (width - 1) * channels, 1))
  let down = Double(downSum) / Double(max((height - 1) * rowLength, 1))
  return 100 * (across + down) / 255
}

extension PictureMetric {
  /// Total variation of the result (not of the target).
  package static let totalVariation = PictureMetric(
    name: "total_variation_percent", title: "TV", unit: "%", digits: 2, better: nil,
    isValidated: false,
    meaning: "total variation of the result: mean absolute difference of neighbours in rows plus "
      + "that in columns, percent of 255"
  ) { Metrics.totalVariation(of: $0.result) }
}

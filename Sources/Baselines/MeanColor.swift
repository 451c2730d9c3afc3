package import Images

/// Fills a hole with the mean of the known pixels of each channel.
package struct MeanColor: InpaintingBaseline {
  /// Makes the baseline.
  package init() {}

  package func filled(_ picture: Image, hole: HoleMask, sample: Int) -> Image {
    var sums = [0, 0, 0]
    for pixel in hole.values.indices where hole.values[pixel] == 0 {
      for channel in 0..<3 { sums[channel] += Int(picture.pixels[pixel * 3 + channel]) }
    }
    let count = max(hole.values.count - hole.holeArea, 1)
    let mean = sums.map { UInt8(($0 + count / 2) / count) }
    var result = picture
    for pixel in hole.values.indices where hole.values[pixel] == 1 {
      for channel in 0..<3 { result.pixels[pixel * 3 + channel] = mean[channel] }
    }
    return result
  }
}

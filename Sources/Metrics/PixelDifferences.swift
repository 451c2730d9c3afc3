package import Images

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

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

/// 10 log10(255 squared / error) in decibels; equal pictures count as an error of 1e-10.
package func peakSignalToNoiseRatio(meanSquaredError: Double) -> Double {
  10 * log10(255 * 255 / max(meanSquaredError, 1e-10))
}

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

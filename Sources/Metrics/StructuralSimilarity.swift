import Glibc
package import Images

/// Structural similarity of two pictures, the mean over their channels, at most 1.
///
/// Local means, variances and covariances under a Gaussian window of deviation 1.5 and 11 x 11
/// pixels, population statistics, constants (0.01 * 255)^2 and (0.03 * 255)^2; windows that reach
/// over the border do not count. scikit-image calls it `structural_similarity(a, b, channel_axis=2,
/// data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)`.
///
/// - Precondition: Both pictures have the same size and channels, no side shorter than 11 pixels.
/// - Reference: Wang et al. 2004, "Image quality assessment: from error visibility to structural
///   similarity".
package func structuralSimilarity(_ a: Image, _ b: Image) -> Double {
  precondition(
    a.width == b.width && a.height == b.height && a.channels == b.channels,
    "pictures of different size or channels cannot be compared")
  precondition(
    min(a.width, a.height) >= gaussianWindow.count,
    "structural similarity needs \(gaussianWindow.count) pixels, not \(a.width)x\(a.height)")
  let sum = (0..<a.channels).reduce(0.0) { sum, channel in
    let x = Plane(a, channel: channel)
    let y = Plane(b, channel: channel)
    return sum + similarity(of: x, and: y)
  }
  return sum / Double(a.channels)
}

extension PictureMetric {
  /// Structural similarity, at most 1.
  package static let ssim = PictureMetric(
    name: "ssim", title: "SSIM", unit: "", digits: 4, better: .higher, isValidated: true,
    meaning: "scikit-image's structural_similarity: Gaussian window 11x11, sigma 1.5, population "
      + "covariance, mean over channels, whole picture"
  ) { structuralSimilarity($0.result, $0.target) }
}

private func similarity(of x: Plane, and y: Plane) -> Double {
  let meanX = x.smoothed()
  let meanY = y.smoothed()
  let meanXX = x.multiplied(by: x).smoothed()
  let meanYY = y.multiplied(by: y).smoothed()
  let meanXY = x.multiplied(by: y).smoothed()
  let c1 = (0.01 * 255) * (0.01 * 255)
  let c2 = (0.03 * 255) * (0.03 * 255)
  var sum = 0.0
  for pixel in meanX.values.indices {
    let (ux, uy) = (meanX.values[pixel], meanY.values[pixel])
    let varianceX = meanXX.values[pixel] - ux * ux
    let varianceY = meanYY.values[pixel] - uy * uy
    let covariance = meanXY.values[pixel] - ux * uy
    sum +=
      (2 * ux * uy + c1) * (2 * covariance + c2)
      / ((ux * ux + uy * uy + c1) * (varianceX + varianceY + c2))
  }
  return sum / Double(meanX.values.count)
}

/// Eleven weights of a Gaussian with deviation 1.5, their sum 1.
private let gaussianWindow: [Double] = {
  let weights = (-5...5).map { exp(-0.5 * Double($0 * $0) / (1.5 * 1.5)) }
  let sum = weights.reduce(0, +)
  return weights.map { $0 / sum }
}()

/// One channel in double precision.
private struct Plane {
  let width: Int
  let height: Int
  let values: [Double]

  init(width: Int, height: Int, values: [Double]) {
    (self.width, self.height, self.values) = (width, height, values)
  }

  init(_ image: Image, channel: Int) {
    let positions = stride(from: channel, to: image.pixels.count, by: image.channels)
    self.init(
      width: image.width, height: image.height,
      values: positions.map { Double(image.pixels[$0]) })
  }

  func multiplied(by other: Plane) -> Plane {
    Plane(
      width: width, height: height,
      values: zip(values, other.values).map { $0 * $1 })
  }

  /// Weighted means under the window, where all of it lies inside.
  func smoothed() -> Plane {
    let (columns, rows) = (width - gaussianWindow.count + 1, height - gaussianWindow.count + 1)
    var across = [Double](repeating: 0, count: columns * height)
    var result = [Double](repeating: 0, count: columns * rows)
    for (tap, weight) in gaussianWindow.enumerated() {
      for row in 0..<height {
        for column in 0..<columns {
          across[row * columns + column] += weight * values[row * width + column + tap]
        }
      }
    }
    for (tap, weight) in gaussianWindow.enumerated() {
      for position in 0..<columns * rows {
        result[position] += weight * across[position + tap * columns]
      }
    }
    return Plane(width: columns, height: rows, values: result)
  }
}

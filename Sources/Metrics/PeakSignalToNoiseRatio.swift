internal import Glibc

/// 10 log10(255 squared / error) in decibels; equal pictures count as an error of 1e-10.
package func peakSignalToNoiseRatio(meanSquaredError: Double) -> Double {
  10 * log10(255 * 255 / max(meanSquaredError, 1e-10))
}

extension PictureMetric {
  /// Peak signal-to-noise ratio; the mean squared difference counts as 1e-10 at least.
  package static let psnr = PictureMetric(
    name: "psnr", title: "PSNR", unit: "dB", digits: 2, better: .higher, isValidated: true,
    meaning: "10 log10(255^2 / mean squared difference), whole picture"
  ) { peakSignalToNoiseRatio(meanSquaredError: $0.differences.meanSquared) }
}

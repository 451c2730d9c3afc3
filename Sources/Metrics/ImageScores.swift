package import Images

/// How close a filled picture is to the original.
///
/// Pictures have values 0...255; percentages are of that range. Pixels outside of the hole are
/// compared as they are: fill first, then score the composite.
package struct ImageScores: Equatable, Sendable, Codable {
  /// Mean absolute difference inside the hole, percent; 0 without a hole.
  package var holeL1Percent: Double
  /// Mean absolute difference over the whole picture, percent.
  package var l1Percent: Double
  /// Mean squared difference over the whole picture, percent of 255 squared.
  package var l2Percent: Double
  /// Peak signal-to-noise ratio in decibels; the mean squared difference counts as 1e-10 at least.
  package var psnr: Double
  /// Structural similarity, at most 1.
  package var ssim: Double
  /// Total variation of the result (not of the target), percent.
  package var totalVariationPercent: Double

  /// The names that other tools' tables use.
  package enum CodingKeys: String, CodingKey {
    case holeL1Percent = "l1_hole_percent"
    case l1Percent = "l1_percent"
    case l2Percent = "l2_percent"
    case psnr
    case ssim
    case totalVariationPercent = "total_variation_percent"
  }

  /// Puts scores together, such as means.
  package init(
    holeL1Percent: Double, l1Percent: Double, l2Percent: Double, psnr: Double, ssim: Double,
    totalVariationPercent: Double
  ) {
    (self.holeL1Percent, self.l1Percent, self.l2Percent) = (holeL1Percent, l1Percent, l2Percent)
    (self.psnr, self.ssim, self.totalVariationPercent) = (psnr, ssim, totalVariationPercent)
  }

  /// Compares a result with its target.
  ///
  /// - Parameters:
  ///   - result: The filled picture.
  ///   - target: The original.
  ///   - hole: Which pixels were filled.
  /// - Precondition: All three have the same size, both pictures the same channels, and no side is
  ///   shorter than 11 pixels.
  package init(result: Image, target: Image, hole: HoleMask) {
    precondition(
      hole.width == result.width && hole.height == result.height,
      "a hole of \(hole.width)x\(hole.height), a result of \(result.width)x\(result.height)")
    let differences = PixelDifferences(result, target, hole: hole.values)
    holeL1Percent = 100 * differences.holeMeanAbsolute / 255
    l1Percent = 100 * differences.meanAbsolute / 255
    l2Percent = 100 * differences.meanSquared / (255 * 255)
    psnr = peakSignalToNoiseRatio(meanSquaredError: differences.meanSquared)
    ssim = structuralSimilarity(result, target)
    totalVariationPercent = totalVariation(of: result)
  }
}

import Images
import TensorCore

/// Random changes to training images, all off unless asked for, as published (spec 4.4).
package struct Augmentation: Hashable, Sendable {
  /// Mirrors every other image left to right.
  package var flipsHorizontally: Bool
  /// Cuts the square out of a random place instead of the centre.
  package var cropsRandomly: Bool
  /// Brightness, contrast and saturation are multiplied by up to 1 plus or minus this, in `0..<1`.
  package var colorJitter: Float

  /// Makes settings.
  package init(
    flipsHorizontally: Bool = false, cropsRandomly: Bool = false, colorJitter: Float = 0
  ) {
    self.flipsHorizontally = flipsHorizontally
    self.cropsRandomly = cropsRandomly
    self.colorJitter = colorJitter
  }

  /// No change.
  package static let none = Augmentation()
}

extension Image {
  /// The image with brightness, contrast and saturation changed at random.
  ///
  /// Saturation mixes each pixel with its brightness, contrast mixes it with the mean brightness of
  /// the image, brightness multiplies; results are rounded to 0...255.
  ///
  /// - Parameters:
  ///   - strength: Each of the three factors is uniform in [1 - strength, 1 + strength).
  ///   - random: Gives the three factors: brightness, contrast, saturation.
  /// - Returns: The changed image.
  /// - Precondition: The image has three channels.
  func colorJittered(strength: Float, random: inout CounterBasedRandom) -> Image {
    precondition(channels == 3, "color jitter needs three channels, not \(channels)")
    let brightness = random.uniform(1 - strength, 1 + strength)
    let contrast = random.uniform(1 - strength, 1 + strength)
    let saturation = random.uniform(1 - strength, 1 + strength)
    var total = 0.0
    for pixel in 0..<width * height { total += Double(greyLevel(pixel)) }
    let mean = Float(total / Double(width * height))
    var result = self
    result.pixels.withUnsafeMutableBufferPointer { output in
      for pixel in 0..<width * height {
        let grey = greyLevel(pixel)
        for place in 3 * pixel..<3 * pixel + 3 {
          let saturated = grey + saturation * (Float(pixels[place]) - grey)
          let contrasted = mean + contrast * (saturated - mean)
          output[place] = UInt8(min(max((brightness * contrasted).rounded(), 0), 255))
        }
      }
    }
    return result
  }

  private func greyLevel(_ pixel: Int) -> Float {
    0.299 * Float(pixels[3 * pixel]) + 0.587 * Float(pixels[3 * pixel + 1])
      + 0.114 * Float(pixels[3 * pixel + 2])
  }
}

import CImageCodecs

/// The coefficients that resample one axis of a picture with the antialiased bicubic filter.
///
/// Keys' cubic with a = -0.5, stretched by the scale where the picture shrinks, so that every input
/// pixel counts. Coefficients of an output are normalised to sum 1 in double precision and rounded
/// to `CIMG_COEFFICIENT_BITS` binary digits: the definition of Pillow's `Image.resize`.
struct BicubicAxis {
  /// Number of outputs.
  let outputs: Int
  /// Coefficients per output, even; unused ones are 0.
  let taps: Int
  /// First input of each output.
  let starts: [Int32]
  /// `outputs * taps` coefficients.
  let coefficients: [Int32]
  /// The input pixels that any output needs.
  let inputsNeeded: Range<Int>

  /// Plans the resampling of `interval` of an axis with `inputs` pixels.
  ///
  /// - Parameters:
  ///   - inputs: Pixels of the input axis.
  ///   - outputs: Pixels wanted.
  ///   - interval: The part of the axis that is spread over the outputs, in pixels; the filter
  ///     still reaches the neighbours outside of it.
  init(inputs: Int, outputs: Int, interval: ClosedRange<Float>) {
    let first = Double(interval.lowerBound)
    let scale = Double(interval.upperBound - interval.lowerBound) / Double(outputs)
    let filterScale = max(scale, 1)
    let support = 2 * filterScale
    let centres = (0..<outputs).map { first + (Double($0) + 0.5) * scale }
    let inputRanges = centres.map { centre in
      max(Int(centre - support + 0.5), 0)..<min(Int(centre + support + 0.5), inputs)
    }
    let mostInputs = inputRanges.reduce(0) { max($0, $1.count) }
    let taps = mostInputs + mostInputs % 2
    var coefficients = [Int32](repeating: 0, count: outputs * taps)
    var weights = [Double](repeating: 0, count: taps)
    for (output, (centre, range)) in zip(centres, inputRanges).enumerated() {
      var sum = 0.0
      for (tap, input) in range.enumerated() {
        weights[tap] = cubic((Double(input) - centre + 0.5) * (1 / filterScale))
        sum += weights[tap]
      }
      for tap in 0..<range.count {
        let exact = weights[tap] / (sum == 0 ? 1 : sum) * Double(1 << CIMG_COEFFICIENT_BITS)
        coefficients[output * taps + tap] = Int32(exact + (exact < 0 ? -0.5 : 0.5))
      }
    }
    (self.outputs, self.taps, self.coefficients) = (outputs, taps, coefficients)
    starts = inputRanges.map { Int32($0.lowerBound) }
    inputsNeeded = (inputRanges.first?.lowerBound ?? 0)..<(inputRanges.last?.upperBound ?? 0)
  }

  /// Calls a function with the axis as the C functions take it, its inputs renumbered from
  /// `offset`.
  func withCodecAxis<Result>(
    startingAt offset: Int = 0, _ body: (cimg_axis) -> Result
  ) -> Result {
    let starts = offset == 0 ? starts : starts.map { $0 - Int32(offset) }
    return starts.withUnsafeBufferPointer { starts in
      coefficients.withUnsafeBufferPointer { coefficients in
        // An axis has outputs and taps, so neither address is nil.
        body(
          cimg_axis(
            outputs: Int32(outputs), taps: Int32(taps),
            starts: starts.baseAddress.unsafelyUnwrapped,
            coefficients: coefficients.baseAddress.unsafelyUnwrapped))
      }
    }
  }
}

/// Keys' cubic convolution kernel with a = -0.5.
private func cubic(_ position: Double) -> Double {
  let a = -0.5
  let x = abs(position)
  if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
  if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
  return 0
}

import CKernels

/// Floating-point operations that this rank's threads do in a second at the most, in float32.
///
/// Measured with multiply-adds on registers alone: the best of many short runs.
package func arithmeticPeak() -> Double {
  let clock = ContinuousClock()
  var best = 0.0
  for _ in 0..<100 {
    let start = clock.now
    let operations = ckernels_multiply_adds(200_000)
    best = max(best, Double(operations) / ((clock.now - start) / .seconds(1)))
  }
  return best
}

package import TensorCore

/// How the length of a patch is kept away from zero.
package enum PatchNorm: Sendable, Equatable {
  /// `sqrt(|q|^2 + 1e-4 * elements)`, the PyTorch port's.
  case offset
  /// `sqrt(max(|q|^2, 1e-8))`, the TensorFlow code's.
  case clamped
}

/// Contextual attention on feature maps: pictures rebuilt from their own patches.
///
/// With Q_i the 3x3 patches of `match` and R_j the 4x4 patches of `source`, at P = h w places:
///
/// - Formula: `s[i, j] = <Q_i, Q_j> / n_j`, summed along its diagonals with places in row-major and
///   then in column-major order; `a[i, j] = softmax_j(scale s[i, j] v_j) v_j`; the result is the sum
///   over i of `sum_j a[i, j] R_j` at window i, divided by 4.
/// - Memory: similarities of one band of places a thread. The gradient takes three maps of [P, P].
/// - Reference: Yu et al. 2018, arXiv 1801.07892; docs/models/deepfill.md 2.
package struct ContextualAttention: Sendable {
  /// Which patches may be taken: 1 or 0, [N, P].
  package let valid: Tensor
  /// How patches are normalised.
  package let norm: PatchNorm
  /// Factor of the similarities before the softmax.
  package let scale: Float

  /// Describes the operation.
  package init(valid: Tensor, norm: PatchNorm, scale: Float = 10) {
    (self.valid, self.norm, self.scale) = (valid, norm, scale)
  }

  /// What the gradient needs beside the inputs.
  package struct Kept: Sendable {
    /// The weights of each picture's valid places, [P, V].
    let weights: [Tensor]
  }

  /// Rebuilds feature maps from their patches.
  ///
  /// - Parameters:
  ///   - match: What is compared, [N, C, h, w].
  ///   - source: What is taken, [N, D, 2 h, 2 w].
  ///   - keeps: Whether the weights are kept for the gradient.
  ///   - attended: Receives for each picture and place the place of the largest weight, [N * P]; -1 in
  ///     a picture without valid places.
  /// - Returns: [N, D, 2 h, 2 w] in the layout of `source`, and what was kept.
  package func rebuilt(
    match: Tensor, source: Tensor, keeps: Bool, attended: (([Int32]) -> Void)? = nil
  ) -> (output: Tensor, kept: Kept?) {
    check(match, source)
    let output = Tensor(uninitialized: source.shape, layout: source.layout)
    var weights: [Tensor] = []
    var largest: [Int32] = []
    for number in 0..<match.shape[0] {
      let picture = AttendedPicture(self, match: match, source: source, picture: number)
      let (count, length) = (picture.places.count, picture.source.length)
      let mixed = Tensor(uninitialized: [count, length])
      let all = keeps ? Tensor(uninitialized: [count, picture.valid.count]) : nil
      let largestHere = PlaceNumbers(count: count)
      parallelFor(picture.bands.count) { index in
        let band = picture.bands[index]
        let part =
          all ?? Tensor(uninitialized: [band.places.count, picture.valid.count])
        let rows = part.mutablePointer + (all == nil ? 0 : band.places.lowerBound * part.shape[1])
        picture.computeWeights(of: band, into: rows, largestHere.pointer)
        picture.paste(rows, band, into: mixed.mutablePointer + band.places.lowerBound * length)
      }
      picture.source.lay(mixed, slots: picture.places, factor: 0.25, into: output, number)
      if let all { weights.append(all) }
      if attended != nil { largest += largestHere.elements }
    }
    attended?(largest)
    return (output, keeps ? Kept(weights: weights) : nil)
  }

  /// The gradients of `rebuilt`.
  ///
  /// - Parameters:
  ///   - match: As there.
  ///   - source: As there.
  ///   - outputGradient: [N, D, 2 h, 2 w].
  ///   - kept: What was kept; nil to compute the weights again.
  ///   - needs: Whether the gradients by `match` and by `source` are wanted.
  /// - Returns: Those gradients, in the layouts of the inputs.
  package func gradients(
    match: Tensor, source: Tensor, outputGradient: Tensor, kept: Kept?,
    needs: (match: Bool, source: Bool)
  ) -> (match: Tensor?, source: Tensor?) {
    let matchGradient =
      needs.match ? Tensor(uninitialized: match.shape, layout: match.layout) : nil
    let sourceGradient =
      needs.source ? Tensor(uninitialized: source.shape, layout: source.layout) : nil
    for number in 0..<match.shape[0] {
      let picture = AttendedPicture(self, match: match, source: source, picture: number)
      let weights = kept?.weights[number] ?? picture.allWeights()
      let gradient = picture.source.patches(of: outputGradient, number, at: picture.places)
      if let sourceGradient {
        picture.source.lay(
          picture.sourcePatchGradient(weights, gradient), slots: picture.validSlots, factor: 0.25,
          into: sourceGradient, number)
      }
      if let matchGradient {
        picture.match.lay(
          picture.matchPatchGradient(weights, gradient), slots: picture.places, factor: 1,
          into: matchGradient, number)
      }
    }
    return (matchGradient, sourceGradient)
  }

  private func check(_ match: Tensor, _ source: Tensor) {
    let (m, s) = (match.shape, source.shape)
    precondition(
      m[0] == s[0] && 2 * m[2] == s[2] && 2 * m[3] == s[3] && valid.shape == [m[0], m[2] * m[3]],
      "contextual attention of \(m) on \(s) with \(valid.shape) places")
  }
}

/// Memory for a number of each place, written by several threads.
final class PlaceNumbers: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Int32>
  private let count: Int

  init(count: Int) {
    pointer = .allocate(capacity: count)
    pointer.initialize(repeating: -1, count: count)
    self.count = count
  }

  deinit { pointer.deallocate() }

  var elements: [Int32] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}

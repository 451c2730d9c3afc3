package import Images
import TensorCore

/// Fills a hole with patches of the rest of the picture, from coarse to fine.
///
/// At each scale two steps alternate: for every patch that touches the hole, the most similar patch of
/// the known part is looked for (by propagation between neighbours and random search); then every
/// missing pixel becomes the weighted mean of what all patches over it propose.
///
/// - Reference: Wexler, Shechtman and Irani 2007, "Space-time completion of video"; Barnes et al. 2009,
///   "PatchMatch: a randomized correspondence algorithm for structural image editing".
package struct PatchMatch: InpaintingBaseline {
  /// Chooses the random numbers, with the sample's number.
  package let seed: UInt64
  /// Pixels from a patch's middle to its edge; patches are 7 x 7.
  private static let radius = 3
  /// The shorter side of the coarsest scale is at least this.
  private static let coarsestSide = 24

  /// Makes the baseline.
  package init(seed: UInt64) { self.seed = seed }

  package func filled(_ picture: Image, hole: HoleMask, sample: Int) -> Image {
    var scales = [Scale(picture, hole)]
    while let coarser = scales.last?.halved(),
      min(coarser.width, coarser.height) >= Self.coarsestSide,
      coarser.hasSource(radius: Self.radius)
    {
      scales.append(coarser)
    }
    // A picture that is nearly all hole has no whole patch: smaller ones have to do.
    guard let radius = (1...Self.radius).last(where: { scales[0].hasSource(radius: $0) }) else {
      return MeanColor().filled(picture, hole: hole, sample: sample)
    }
    var field: PatchField?
    var result = scales[0]
    for (level, scale) in scales.enumerated().reversed() {
      var current = scale
      var random = CounterBasedRandom(
        seed: seed, purpose: .patchMatch, epoch: level, sample: sample)
      var matches: PatchField
      if let coarse = field {
        matches = PatchField(refining: coarse, for: current, radius: radius, using: &random)
        matches.vote(on: &current)
      } else {
        current.fillFromEdge()
        matches = PatchField(randomFor: current, radius: radius, using: &random)
      }
      let rounds = min(3 + 3 * level, 12)
      for _ in 0..<rounds {
        matches.improve(for: current, passes: 2, using: &random)
        matches.vote(on: &current)
      }
      (field, result) = (matches, current)
    }
    return result.picture(over: picture)
  }
}

package import Autodiff
package import Kernels
package import TensorCore

/// For each place of a grid over pictures, the place that contextual attention takes most from.
package struct AttendedPlaces: Sendable, Equatable {
  /// Rows of places in a picture.
  package let height: Int
  /// Columns of places in a picture.
  package let width: Int
  /// Row-major numbers of places, [N * height * width]; -1 in a picture without a known patch.
  package let places: [Int32]
}

/// Contextual attention within feature maps: a layer without parameters.
///
/// Each 4x4 patch at stride 2 is mixed from those outside the hole, by the likeness of 3x3 patches at
/// half the resolution. Every picture has a hole of its own, where both published codes take the
/// first one's for the whole batch.
///
/// - Reference: Yu et al. 2018, arXiv 1801.07892; docs/models/deepfill.md 2.
package struct PatchAttention: Sendable, Equatable {
  /// Which pixels the reductions take.
  package let sampling: NearestSampling
  /// How patches are normalised.
  package let norm: PatchNorm

  /// Chooses the rules.
  package init(sampling: NearestSampling, norm: PatchNorm) {
    (self.sampling, self.norm) = (sampling, norm)
  }

  /// Rebuilds feature maps from their patches outside the hole.
  ///
  /// - Parameters:
  ///   - x: [N, C, H, W]; H and W are even.
  ///   - holes: 1 = hole, 0 = known, [N, 1, s H, s W] for some s.
  ///   - attended: Receives where each place looked.
  /// - Returns: [N, C, H, W].
  package func callAsFunction(
    _ x: Variable, holes: Tensor, attended: (@Sendable (AttendedPlaces) -> Void)? = nil
  ) -> Variable {
    precondition(
      x.shape[2].isMultiple(of: 2) && x.shape[3].isMultiple(of: 2),
      "contextual attention halves height and width, so that they are even, not \(x.shape)")
    let (height, width) = (x.shape[2] / 2, x.shape[3] / 2)
    let attention = ContextualAttention(
      valid: validPatches(holes: holes, mapHeight: x.shape[2], mapWidth: x.shape[3]), norm: norm)
    let match = x.sampled(height: height, width: width, by: sampling)
    guard let attended else { return x.rebuilt(matching: match, by: attention) }
    return x.rebuilt(matching: match, by: attention) { places in
      attended(AttendedPlaces(height: height, width: width, places: places))
    }
  }

  /// 1 where the 3x3 patch of a place has no missing pixel, else 0, [N, P].
  ///
  /// - Parameters:
  ///   - holes: 1 = hole, 0 = known, [N, 1, s H, s W].
  ///   - mapHeight: H.
  ///   - mapWidth: W.
  /// - Returns: One number for each place of the grid of H / 2 by W / 2.
  package func validPatches(holes: Tensor, mapHeight: Int, mapWidth: Int) -> Tensor {
    let (height, width) = (mapHeight / 2, mapWidth / 2)
    var small = holes
    if sampling == .alignedCorners {
      small = sampled(small, height: mapHeight, width: mapWidth)
    }
    small = sampled(small, height: height, width: width)
    let hole = small.elements
    let count = height * width
    func isKnown(_ picture: Int, _ row: Int, _ column: Int) -> Bool {
      for row in max(row - 1, 0)...min(row + 1, height - 1) {
        for column in max(column - 1, 0)...min(column + 1, width - 1)
        where hole[picture * count + row * width + column] != 0 {
          return false
        }
      }
      return true
    }
    let valid = (0..<holes.shape[0] * count).map { index -> Float in
      isKnown(index / count, index % count / width, index % width) ? 1 : 0
    }
    return Tensor(valid, shape: [holes.shape[0], count])
  }

  private func sampled(_ holes: Tensor, height: Int, width: Int) -> Tensor {
    holes.selecting(
      rows: sampling.indices(from: holes.shape[2], to: height),
      columns: sampling.indices(from: holes.shape[3], to: width))
  }
}

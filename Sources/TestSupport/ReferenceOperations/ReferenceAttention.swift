import Foundation
package import Kernels

extension ReferenceTensor {
  /// Contextual attention on this array, [N, D, 2 h, 2 w], step by step.
  ///
  /// - Parameters:
  ///   - match: What is compared, [N, C, h, w].
  ///   - valid: 1 or 0 for each picture and place, [N * P].
  ///   - norm: How patches are normalised.
  ///   - scale: Factor of the similarities before the softmax.
  /// - Returns: [N, D, 2 h, 2 w].
  /// - Reference: docs/models/deepfill.md 2.1.
  package func rebuilt(
    matching match: ReferenceTensor, valid: [Double], norm: PatchNorm, scale: Double
  ) -> ReferenceTensor {
    let (height, width) = (match.shape[2], match.shape[3])
    let count = height * width
    var result = ReferenceTensor(repeating: 0, shape: shape)
    for n in 0..<shape[0] {
      let q = (0..<count).map { match.patch(n, at: $0, of: width, kernel: 3, stride: 1) }
      let lengths = q.map { patch in
        let square = patch.reduce(0) { $0 + $1 * $1 }
        switch norm {
        case .offset: return (square + 1e-4 * Double(patch.count)).squareRoot()
        case .clamped: return max(square, 1e-8).squareRoot()
        }
      }
      var s = q.map { i in
        (0..<count).map { j in zip(i, q[j]).reduce(0) { $0 + $1.0 * $1.1 } / lengths[j] }
      }
      s = diagonalSums(s, order: (0..<count).map { $0 })
      s = diagonalSums(s, order: (0..<count).map { $0 % height * width + $0 / height })
      let v = Array(valid[n * count..<(n + 1) * count])
      for i in 0..<count {
        let powers = zip(s[i], v).map { exp(scale * $0 * $1) }
        let sum = powers.reduce(0, +)
        for j in 0..<count where v[j] != 0 {
          result.add(
            patch(n, at: j, of: width, kernel: 4, stride: 2).map { $0 * powers[j] / sum / 4 },
            n, at: i, of: width)
        }
      }
    }
    return result
  }

  /// The window of a place with one row and column of zeros around, [C, kernel, kernel].
  private func patch(_ n: Int, at place: Int, of columns: Int, kernel: Int, stride: Int)
    -> [Double]
  {
    (0..<shape[1] * kernel * kernel).map { index in
      let (c, tap) = (index / (kernel * kernel), index % (kernel * kernel))
      let row = place / columns * stride - 1 + tap / kernel
      let column = place % columns * stride - 1 + tap % kernel
      guard 0..<shape[2] ~= row, 0..<shape[3] ~= column else { return 0 }
      return self[n, c, row, column]
    }
  }

  /// Adds a 4x4 patch at the window of a place.
  private mutating func add(_ patch: [Double], _ n: Int, at place: Int, of columns: Int) {
    for (index, value) in patch.enumerated() {
      let row = place / columns * 2 - 1 + index % 16 / 4
      let column = place % columns * 2 - 1 + index % 4
      guard 0..<shape[2] ~= row, 0..<shape[3] ~= column else { continue }
      self[n, index / 16, row, column] += value
    }
  }
}

/// Each element and its two neighbours along the diagonal, where both axes are walked in an order.
private func diagonalSums(_ s: [[Double]], order: [Int]) -> [[Double]] {
  var result = s
  for a in order.indices {
    for b in order.indices {
      for step in [-1, 1] where order.indices ~= a + step && order.indices ~= b + step {
        result[order[a]][order[b]] += s[order[a + step]][order[b + step]]
      }
    }
  }
  return result
}

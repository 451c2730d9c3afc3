import CBLAS
package import TensorCore

extension Tensor {
  /// The product of two matrices, each optionally transposed first: [M, K] x [K, N] -> [M, N].
  package static func product(
    _ a: Tensor, transposed transposeA: Bool = false, _ b: Tensor,
    transposed transposeB: Bool = false
  ) -> Tensor {
    let (m, k) = transposeA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let (rows, n) = transposeB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
    precondition(k == rows, "a product of \(a.shape) and \(b.shape)")
    let result = Tensor(uninitialized: [m, n])
    /// Computes some rows and columns of the result.
    func compute(_ m: Range<Int>, _ n: Range<Int>) {
      cblas_bridge_multiply_parts(
        transposeA ? 1 : 0, transposeB ? 1 : 0, Int32(m.count), Int32(n.count), Int32(k),
        a.pointer + m.lowerBound * (transposeA ? 1 : k), Int32(a.shape[1]),
        b.pointer + n.lowerBound * (transposeB ? k : 1), Int32(b.shape[1]),
        result.mutablePointer + m.lowerBound * result.shape[1] + n.lowerBound,
        Int32(result.shape[1]))
    }
    let length = partLength(of: max(m, n))
    parallelFor((max(m, n) + length - 1) / length) { index in
      let part = index * length..<min((index + 1) * length, max(m, n))
      if m < n { compute(0..<m, part) } else { compute(part, 0..<n) }
    }
    return result
  }
}

/// Rows or columns that a thread computes at a time: a function of the shape alone, as the parts may
/// decide how sums are rounded.
private func partLength(of count: Int) -> Int { max(64, (count / 64 + 15) / 16 * 16) }

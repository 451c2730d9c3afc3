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
    cblas_bridge_multiply(
      transposeA ? 1 : 0, transposeB ? 1 : 0, Int32(m), Int32(n), Int32(k), a.pointer, b.pointer,
      result.mutablePointer)
    return result
  }
}

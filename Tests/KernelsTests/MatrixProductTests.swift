import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Matrix product")
struct MatrixProductTests {
  // The long ones are cut into parts, columns or rows.
  @Test(arguments: [
    (1, 1, 1), (2, 3, 4), (17, 5, 9), (1, 64, 33), (40, 1, 3), (3, 9, 130), (200, 5, 7),
    (65, 8, 65), (2, 3, 5000),
  ])
  func everyTransposition(m: Int, k: Int, n: Int) {
    var random = CounterBasedRandom(test: m * 100 + n)
    let a = ReferenceTensor.random([m, k], using: &random)
    let b = ReferenceTensor.random([k, n], using: &random)
    for transposeA in [false, true] {
      for transposeB in [false, true] {
        let product = Tensor.product(
          (transposeA ? a.transposed() : a).tensor(), transposed: transposeA,
          (transposeB ? b.transposed() : b).tensor(), transposed: transposeB)
        expectClose(
          product, a.product(b), .elementwise(absolute: 1e-5, relative: 1e-5),
          "\(m)x\(k)x\(n), \(transposeA), \(transposeB)")
      }
    }
  }
}

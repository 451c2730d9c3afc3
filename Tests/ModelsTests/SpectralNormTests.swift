import Autodiff
import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

@Suite("Spectral norm")
struct SpectralNormTests {
  /// A weight `sum s_i u_i v_i^T` with given singular values, and the first pair of vectors.
  private func weight(
    singularValues: [Double], seed: Int
  ) -> (weight: ReferenceTensor, left: [Double], right: [Double]) {
    var random = CounterBasedRandom(test: seed)
    let (outputs, count) = (6, 3 * 5 * 5)
    func orthonormal(_ length: Int) -> [[Double]] {
      var vectors: [[Double]] = []
      for _ in singularValues {
        var vector = ReferenceTensor.random([length], using: &random).elements
        for other in vectors {
          let part = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
          for index in vector.indices { vector[index] -= part * other[index] }
        }
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        vectors.append(vector.map { $0 / norm })
      }
      return vectors
    }
    let (left, right) = (orthonormal(outputs), orthonormal(count))
    let weight = ReferenceTensor(shape: [outputs, 3, 5, 5]) { index in
      singularValues.indices.reduce(0) {
        $0 + singularValues[$1] * left[$1][index / count] * right[$1][index % count]
      }
    }
    return (weight, left[0], right[0])
  }

  @Test(arguments: 1...5)
  func theLargestSingularValueBecomesOne(seed: Int) {
    let (weight, _, _) = weight(singularValues: [2.5, 0.7, 0.3], seed: seed)
    let normalized = Variable(weight.tensor()).spectrallyNormalized()
    expectClose(normalized, weight.map { $0 / 2.5 }, .normwise(1e-5))
  }

  /// `(G - <G, W> u v^T / s) / s` for the gradient G by the result.
  @Test func gradient() {
    let (weight, left, right) = weight(singularValues: [1.6, 0.4, 0.2], seed: 9)
    var random = CounterBasedRandom(test: 10)
    let upstream = ReferenceTensor.random(weight.shape, using: &random)
    let leaf = Variable.leaf(weight.tensor())
    let result = gradients(
      of: [(leaf.spectrallyNormalized(), Variable(upstream.tensor()))], by: [leaf])[0]
    let product = upstream.dot(weight) / 1.6
    let expected = ReferenceTensor(shape: weight.shape) { index in
      (upstream.elements[index] - product * left[index / 75] * right[index % 75]) / 1.6
    }
    #expect(result != nil)
    if let result { expectClose(result, expected, .normwise(1e-4)) }
  }

  /// The result depends on the weight alone, not on what was normalised before.
  @Test func noHistory() {
    let (weight, _, _) = weight(singularValues: [1, 0.99, 0.98], seed: 3)
    let first = Variable(weight.tensor()).spectrallyNormalized()
    _ = Variable(weight.map { -2 * $0 + 0.1 }.tensor()).spectrallyNormalized()
    expectClose(Variable(weight.tensor()).spectrallyNormalized(), first, .exact)
    let zero = Variable(Tensor(repeating: 0, shape: [2, 3])).spectrallyNormalized()
    #expect(zero.value.elements.allSatisfy { $0 == 0 })
  }
}

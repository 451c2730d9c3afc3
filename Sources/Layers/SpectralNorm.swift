package import Autodiff
import Kernels
import TensorCore

extension Variable {
  /// This weight divided by its largest singular value, as a matrix of one row for each output.
  ///
  /// The singular vectors come from power iterations that start from the same vector each time: the
  /// result is a function of the weight alone, so that nothing has to be saved and no rank or resumed run
  /// differs. Gradients flow through weight and singular value, not through the vectors.
  ///
  /// - Formula: `W / (u^T W v)`, u and v the first left and right singular vectors.
  /// - Parameter iterations: Power iterations; the published code makes one a step and keeps u.
  /// - Returns: A weight of the same shape.
  /// - Reference: Miyato et al. 2018, arXiv 1802.05957.
  package func spectrallyNormalized(iterations: Int = 12) -> Variable {
    let outputs = shape[0]
    let count = shape.elementCount / max(outputs, 1)
    let matrix = plain().reshaped(to: [outputs, count])
    let outer = leadingSingularVectors(of: matrix.value, iterations: iterations)
    // What is zero throughout stays so.
    let singularValue = (matrix * Variable(outer)).sum() + 1e-12
    let factor = singularValue.reciprocal().reshaped(to: [1, 1]).repeated(to: matrix.shape)
    return (matrix * factor).reshaped(to: shape)
  }
}

/// `u v^T` of the first singular vectors of a matrix, [outputs, count].
private func leadingSingularVectors(of matrix: Tensor, iterations: Int) -> Tensor {
  let (outputs, count) = (matrix.shape[0], matrix.shape[1])
  var random = CounterBasedRandom(seed: 0, purpose: .singularVector, sample: outputs)
  var left = Tensor((0..<outputs).map { _ in random.uniform(-1, 1) }, shape: [outputs, 1])
  var right = Tensor(repeating: 0, shape: [count, 1])
  for _ in 0..<iterations {
    right = Tensor.product(matrix, transposed: true, left).scaledToLength1()
    left = Tensor.product(matrix, right).scaledToLength1()
  }
  return Tensor.product(left, right.reshaped(to: [1, count]))
}

extension Tensor {
  fileprivate func scaledToLength1() -> Tensor {
    var result = self
    let length = withUnsafeFloats { values in
      values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    let factor = Float(1 / max(length, 1e-12))
    result.withUnsafeMutableFloats { values in
      for index in values.indices { values[index] *= factor }
    }
    return result
  }
}

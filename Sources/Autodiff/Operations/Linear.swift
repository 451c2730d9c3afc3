import Kernels
import TensorCore

/// The product of two matrices, each optionally transposed first.
struct MatrixProduct: Operation {
  var transposesFirst = false
  var transposesSecond = false

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: [Variable]) {
    (
      Tensor.product(
        inputs[0].value, transposed: transposesFirst, inputs[1].value,
        transposed: transposesSecond),
      inputs
    )
  }

  func backward(_ outputGradient: Variable, _ saved: [Variable], output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    let (a, b, g) = (saved[0], saved[1], outputGradient)
    func product(_ x: Variable, _ transposeX: Bool, _ y: Variable, _ transposeY: Bool) -> Variable {
      Variable.apply(
        MatrixProduct(transposesFirst: transposeX, transposesSecond: transposeY), [x, y])
    }
    let first =
      needs[0]
      ? (transposesFirst
        ? product(b, transposesSecond, g, true) : product(g, false, b, !transposesSecond)) : nil
    let second =
      needs[1]
      ? (transposesSecond
        ? product(g, true, a, transposesFirst) : product(a, !transposesFirst, g, false)) : nil
    return [first, second]
  }
}

extension Variable {
  /// The product with a matrix.
  ///
  /// - Parameters:
  ///   - matrix: [K, N], or [N, K] where it is transposed first.
  ///   - transposed: Whether it is.
  /// - Returns: [M, N] for this [M, K].
  package func multiplied(by matrix: Variable, transposed: Bool = false) -> Variable {
    Variable.apply(MatrixProduct(transposesSecond: transposed), [self, matrix])
  }

  /// A fully connected layer: `x W^T + b`.
  ///
  /// - Parameters:
  ///   - weight: [O, I].
  ///   - bias: [O].
  /// - Returns: [N, O] for an input [N, I].
  package func linear(weight: Variable, bias: Variable) -> Variable {
    let product = Variable.apply(MatrixProduct(transposesSecond: true), [self, weight])
    return product + bias.reshaped(to: [1, bias.shape[0]]).repeated(shape[0], along: 0)
  }
}

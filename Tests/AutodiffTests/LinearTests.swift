import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Linear")
struct LinearTests {
  @Test(arguments: [(1, 1, 1), (2, 6, 5), (3, 17, 1)])
  func gradients(batch: Int, inputs: Int, outputs: Int) {
    GradientCheck("linear").expectGradients(
      of: [.values([batch, inputs]), .values([outputs, inputs]), .values([outputs])],
      operation: { $0[0].linear(weight: $0[1], bias: $0[2]) },
      reference: { $0[0].linear(weight: $0[1], bias: $0[2]) })
  }

  @Test(arguments: [(1, 1, 1), (2, 6, 5), (3, 17, 1)], [false, true])
  func productsWithMatrices(sizes: (Int, Int, Int), transposed: Bool) {
    let (rows, inner, columns) = sizes
    func transposing(_ matrix: ReferenceTensor) -> ReferenceTensor {
      ReferenceTensor(shape: [columns, inner]) {
        matrix.elements[$0 % inner * columns + $0 / inner]
      }
    }
    GradientCheck("product").expectGradients(
      of: [.values([rows, inner]), .values(transposed ? [columns, inner] : [inner, columns])],
      operation: { $0[0].multiplied(by: $0[1], transposed: transposed) },
      reference: {
        $0[0].linear(
          weight: transposed ? $0[1] : transposing($0[1]),
          bias: ReferenceTensor(repeating: 0, shape: [columns]))
      })
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("linear").expectPenaltyGradients(
      of: [.values([3, 4]), .values([5, 4]), .values([5])],
      operation: { $0[0].linear(weight: $0[1], bias: $0[2]).weightedSquares() },
      reference: { $0[0].linear(weight: $0[1], bias: $0[2]).weightedSquares() })
  }

  /// A small critic: what a gradient penalty differentiates.
  @Test func secondDerivativesThroughSeveralLayers() {
    let settings = ConvolutionSettings(stride: 2, padding: 1)
    SecondDerivativeCheck("convolution, tanh, linear").expectPenaltyGradients(
      of: [
        .featureMaps([2, 2, 4, 4]), .values([3, 2, 3, 3]), .values([3]), .values([1, 12]),
        .values([1]),
      ],
      operation: {
        $0[0].conv2D(weight: $0[1], bias: $0[2], settings: settings).tanh().flattened()
          .linear(weight: $0[3], bias: $0[4]).weightedSquares()
      },
      reference: {
        $0[0].convolved(with: $0[1], bias: $0[2], settings: settings).tanh().reshaped(to: [2, 12])
          .linear(weight: $0[3], bias: $0[4]).weightedSquares()
      })
  }
}

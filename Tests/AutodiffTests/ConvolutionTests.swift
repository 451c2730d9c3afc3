import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Convolution")
struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let input: [Int]
    let weight: [Int]
    let settings: ConvolutionSettings
    var testDescription: String { "input \(input), weight \(weight), \(settings)" }
  }

  static let cases = [
    Case(input: [2, 3, 7, 8], weight: [5, 3, 3, 3], settings: ConvolutionSettings(padding: 1)),
    Case(
      input: [1, 8, 9, 7], weight: [8, 8, 3, 3],
      settings: ConvolutionSettings(padding: 2, dilation: 2)),
    Case(
      input: [1, 4, 9, 8], weight: [9, 4, 5, 5],
      settings: ConvolutionSettings(stride: 2, padding: 2)),
    Case(
      input: [2, 5, 8, 6], weight: [3, 5, 4, 4],
      settings: ConvolutionSettings(stride: 2, padding: 1)),
    Case(input: [3, 16, 2, 2], weight: [8, 16, 1, 1], settings: ConvolutionSettings()),
    Case(
      input: [2, 3, 6, 8], weight: [5, 3, 3, 3],
      settings: ConvolutionSettings(stride: 2, trailingPadding: 1)),
    Case(
      input: [1, 5, 8, 6], weight: [9, 5, 5, 5],
      settings: ConvolutionSettings(stride: 2, padding: 1, trailingPadding: 1)),
  ]

  @Test(arguments: cases, ConvolutionBackend.allCases)
  func withoutBias(_ shapes: Case, backend: ConvolutionBackend) {
    ConvolutionBackend.$current.withValue(backend) {
      GradientCheck("convolution, \(backend)").expectGradients(
        of: [.featureMaps(shapes.input), .values(shapes.weight)],
        operation: { $0[0].conv2D(weight: $0[1], settings: shapes.settings) },
        reference: { $0[0].convolved(with: $0[1], settings: shapes.settings) })
    }
  }

  @Test(arguments: cases, [nil, 0, 0.2] as [Double?])
  func withBiasAndActivation(_ shapes: Case, negativeSlope: Double?) {
    GradientCheck("biased convolution, slope \(negativeSlope as Any)").expectGradients(
      of: [.featureMaps(shapes.input), .values(shapes.weight), .values([shapes.weight[0]])],
      operation: {
        $0[0].conv2D(
          weight: $0[1], bias: $0[2], settings: shapes.settings,
          negativeSlope: negativeSlope.map { Float($0) })
      },
      reference: {
        let output = $0[0].convolved(with: $0[1], bias: $0[2], settings: shapes.settings)
        return negativeSlope.map { output.leakyReLU(negativeSlope: Double(Float($0))) } ?? output
      })
  }

  @Test(
    arguments: [
      ConvolutionSettings(stride: 2, padding: 1), ConvolutionSettings(padding: 1),
      ConvolutionSettings(stride: 2, padding: 1, dilation: 2),
      ConvolutionSettings(stride: 2, padding: 1, trailingPadding: 1),
    ], ConvolutionBackend.allCases)
  func transposed(settings: ConvolutionSettings, backend: ConvolutionBackend) {
    ConvolutionBackend.$current.withValue(backend) {
      GradientCheck("transposed convolution, \(settings), \(backend)").expectGradients(
        of: [.featureMaps([2, 9, 5, 4]), .values([9, 3, 4, 4])],
        operation: { $0[0].convTransposed2D(weight: $0[1], settings: settings) },
        reference: { $0[0].convTransposed(weight: $0[1], settings: settings) })
    }
  }

  @Test(arguments: ConvolutionBackend.allCases)
  func secondDerivatives(backend: ConvolutionBackend) {
    let settings = ConvolutionSettings(stride: 2, padding: 1)
    ConvolutionBackend.$current.withValue(backend) {
      SecondDerivativeCheck("convolution, \(backend)").expectPenaltyGradients(
        of: [.featureMaps([1, 2, 5, 4]), .values([3, 2, 3, 3]), .values([3])],
        operation: {
          $0[0].conv2D(weight: $0[1], bias: $0[2], settings: settings).weightedSquares()
        },
        reference: {
          $0[0].convolved(with: $0[1], bias: $0[2], settings: settings).weightedSquares()
        })
      SecondDerivativeCheck("transposed convolution, \(backend)").expectPenaltyGradients(
        of: [.featureMaps([1, 2, 3, 2]), .values([2, 3, 3, 3])],
        operation: { $0[0].convTransposed2D(weight: $0[1], settings: settings).weightedSquares() },
        reference: { $0[0].convTransposed(weight: $0[1], settings: settings).weightedSquares() })
    }
  }

  @Test func secondDerivativesThroughTheFusedActivation() {
    let settings = ConvolutionSettings(padding: 1)
    // A bias far from zero on both sides keeps every result away from the kink.
    let bias = ReferenceTensor([12, -12], shape: [2])
    SecondDerivativeCheck("convolution and leaky ReLU").expectPenaltyGradients(
      of: [.featureMaps([1, 2, 3, 3]), .values([2, 2, 3, 3])],
      operation: {
        $0[0].conv2D(
          weight: $0[1], bias: Variable(bias.tensor()), settings: settings, negativeSlope: 0.25
        ).weightedSquares() * 0.01
      },
      reference: {
        $0[0].convolved(with: $0[1], bias: bias, settings: settings)
          .leakyReLU(negativeSlope: 0.25).weightedSquares() * 0.01
      })
  }
}

import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

/// The polyphase form against the direct convolution of the library, derivatives included.
@Suite("Polyphase convolution")
struct PolyphaseConvolutionTests {
  private static let symmetric = ConvolutionSettings(stride: 2, padding: 2)
  private static let trailing = ConvolutionSettings(stride: 2, padding: 1, trailingPadding: 1)
  private static let even = ConvolutionSettings(stride: 2, padding: 1)

  private struct Case {
    let leaves: [Variable]

    init(_ input: Shape, outputs: Int, kernelSize: Int = 5, isTransposed: Bool = false) {
      var random = CounterBasedRandom(seed: 3, purpose: .test)
      func leaf(_ shape: Shape, _ bound: Float) -> Variable {
        .leaf(
          Tensor(
            (0..<shape.elementCount).map { _ in random.uniform(-bound, bound) }, shape: shape))
      }
      let channels = isTransposed ? [input[1], outputs] : [outputs, input[1]]
      leaves = [
        leaf(input, 1), leaf(Shape(channels + [kernelSize, kernelSize]), 0.1), leaf([outputs], 0.1),
      ]
    }

    /// Output, gradients, and the gradients of the squared norm of that by the input.
    func results(
      _ settings: ConvolutionSettings, _ backend: ConvolutionBackend, isTransposed: Bool = false
    ) -> [Tensor] {
      ConvolutionBackend.$current.withValue(backend) {
        let output =
          isTransposed
          ? leaves[0].convTransposed2D(weight: leaves[1], settings: settings)
            .addingToChannels(leaves[2]).leakyReLU(negativeSlope: 0.2)
          : leaves[0].conv2D(
            weight: leaves[1], bias: leaves[2], settings: settings, negativeSlope: 0.2)
        let loss = (output * output).sum()
        let first = gradients(of: loss, by: leaves, keepsGraph: true, recordsGraph: true)
          .compactMap { $0 }
        let penalty = (first[0] * first[0]).sum()
        let second = gradients(of: penalty, by: leaves).compactMap { $0 }
        return ([output] + first + second).map { $0.value.converted(to: .plain) }
      }
    }
  }

  @Test(
    arguments: [symmetric, trailing],
    [[4, 32, 32, 32], [16, 16, 16, 16], [5, 48, 24, 40]])
  func equalsTheDirectConvolution(_ settings: ConvolutionSettings, input: [Int]) throws {
    let example = Case(Shape(input), outputs: 32)
    #expect(
      PolyphaseConvolution(input: Shape(input), weight: [32, input[1], 5, 5], settings: settings)
        != nil, "the form is chosen")
    let expected = example.results(settings, .library)
    let actual = example.results(settings, .automatic)
    #expect(actual.count == expected.count && actual.count == 7)
    for (index, (actual, expected)) in zip(actual, expected).enumerated() {
      expectClose(actual.reference, expected.reference, "result \(index)")
    }
  }

  /// Windows of 4x4, and the transposed convolutions that double height and width.
  @Test(
    arguments: [false, true], [[4, 32, 32, 32], [16, 16, 16, 16], [5, 48, 24, 40]])
  func equalsTheDirectConvolutionOf4x4(isTransposed: Bool, input: [Int]) throws {
    let example = Case(Shape(input), outputs: 32, kernelSize: 4, isTransposed: isTransposed)
    let large = isTransposed ? [input[0], 32, 2 * input[2], 2 * input[3]] : input
    let weight = isTransposed ? [input[1], 32, 4, 4] : [32, input[1], 4, 4]
    #expect(
      PolyphaseConvolution(input: Shape(large), weight: Shape(weight), settings: Self.even) != nil,
      "the form is chosen")
    let expected = example.results(Self.even, .library, isTransposed: isTransposed)
    let actual = example.results(Self.even, .automatic, isTransposed: isTransposed)
    #expect(actual.count == expected.count && actual.count == 7)
    #expect(actual[0].shape[2] == (isTransposed ? 2 * input[2] : input[2] / 2))
    for (index, (actual, expected)) in zip(actual, expected).enumerated() {
      expectClose(actual.reference, expected.reference, "result \(index)")
    }
  }

  private func expectClose(_ actual: ReferenceTensor, _ expected: ReferenceTensor, _ name: String) {
    #expect(actual.shape == expected.shape, "\(name)")
    let difference = zip(actual.elements, expected.elements).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    #expect(difference.squareRoot() <= 2e-5 * expected.norm, "\(name)")
  }

  @Test func otherConvolutionsKeepTheirForm() {
    func form(_ input: Shape, _ weight: Shape, _ settings: ConvolutionSettings) -> Bool {
      PolyphaseConvolution(input: input, weight: weight, settings: settings) != nil
    }
    #expect(!form([16, 3, 64, 64], [32, 3, 5, 5], Self.symmetric), "few channels")
    #expect(!form([16, 32, 32, 32], [32, 32, 4, 4], Self.symmetric), "other padding")
    #expect(!form([16, 32, 33, 32], [32, 32, 5, 5], Self.symmetric), "an odd side")
    #expect(!form([16, 32, 32, 32], [32, 32, 3, 3], Self.symmetric), "another window")
    #expect(!form([1, 32, 8, 8], [32, 32, 5, 5], Self.symmetric), "few outputs")
    #expect(
      !form([16, 32, 32, 32], [32, 32, 5, 5], ConvolutionSettings(padding: 2)), "stride 1")
  }
}

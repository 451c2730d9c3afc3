import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Convolution kernels")
struct ConvolutionTests {
  /// One random convolution: shapes, settings and layouts.
  struct Case: Sendable, CustomTestStringConvertible {
    let input: [Int]
    let weight: [Int]
    let settings: ConvolutionSettings
    let layout: Layout
    let gradientLayout: Layout

    var testDescription: String {
      "input \(input), weight \(weight), \(settings), \(layout), \(gradientLayout)"
    }

    init(_ random: inout CounterBasedRandom) {
      let kernel = [1, 3, 4, 5].randomElement(using: &random)!
      let dilation = [1, 1, 2, 4, 8].randomElement(using: &random)!
      let reach = dilation * (kernel - 1) + 1
      let padding = random.integer(in: 0...reach / 2)
      let smallest = max(1, reach - 2 * padding)
      let extent = { (random: inout CounterBasedRandom) in
        random.integer(in: smallest...max(24, smallest))
      }
      input = [
        random.integer(in: 1...3), random.integer(in: 1...40), extent(&random), extent(&random),
      ]
      weight = [random.integer(in: 1...40), input[1], kernel, kernel]
      settings = ConvolutionSettings(
        stride: random.integer(in: 1...2), padding: padding, dilation: dilation,
        trailingPadding: random.integer(in: 0...1))
      layout = [.plain, .native, .blocked(8), .blocked(16)].randomElement(using: &random)!
      gradientLayout = [.plain, .native].randomElement(using: &random)!
    }

    /// A 3x3 convolution of stride 1 that keeps the size: what most of the networks consists of.
    init(sameSize random: inout CounterBasedRandom) {
      let dilation = [1, 2, 4, 8].randomElement(using: &random)!
      input = [
        random.integer(in: 1...2), random.integer(in: 1...40), random.integer(in: 1...24),
        random.integer(in: 1...24),
      ]
      weight = [random.integer(in: 1...40), input[1], 3, 3]
      settings = ConvolutionSettings(padding: dilation, dilation: dilation)
      layout = .native
      gradientLayout = .native
    }

    /// A window that is larger than the map, so that some of its taps only see padding.
    init(largeWindow random: inout CounterBasedRandom) {
      let (kernel, dilation) = [(5, 1), (5, 2), (3, 4), (3, 16)].randomElement(using: &random)!
      let extent = random.integer(in: 1...6)
      input = [random.integer(in: 1...3), random.integer(in: 1...40), extent, extent]
      weight = [random.integer(in: 1...40), input[1], kernel, kernel]
      settings = ConvolutionSettings(
        stride: random.integer(in: 1...2),
        padding: dilation * (kernel - 1) / 2 + random.integer(in: 0...1), dilation: dilation,
        trailingPadding: random.integer(in: 0...1))
      layout = .native
      gradientLayout = .native
    }

    /// Few channels in and out.
    init(narrow random: inout CounterBasedRandom) {
      let (kernel, dilation) = [(1, 1), (3, 1), (3, 2), (5, 1)].randomElement(using: &random)!
      let reach = dilation * (kernel - 1)
      input = [
        random.integer(in: 1...3), random.integer(in: 1...15),
        random.integer(in: reach + 1...20), random.integer(in: reach + 1...150),
      ]
      weight = [random.integer(in: 1...15), input[1], kernel, kernel]
      settings = ConvolutionSettings(
        padding: random.integer(in: 0...reach), dilation: dilation)
      layout = [.plain, .native].randomElement(using: &random)!
      gradientLayout = .plain
    }

    static let all: [Case] = {
      var random = CounterBasedRandom(test: 0)
      return (0..<80).map { _ in Case(&random) } + (0..<40).map { _ in Case(sameSize: &random) }
        + (0..<40).map { _ in Case(largeWindow: &random) }
        + (0..<30).map { _ in Case(narrow: &random) }
    }()
  }

  @Test(arguments: Case.all)
  func everyBackendEqualsTheReference(_ shapes: Case) {
    var random = CounterBasedRandom(test: shapes.input.reduce(0, +))
    let x = ReferenceTensor.random(shapes.input, using: &random)
    let weight = ReferenceTensor.random(shapes.weight, using: &random)
    let bias = ReferenceTensor.random([shapes.weight[0]], using: &random)
    let output = x.convolved(with: weight, settings: shapes.settings)
    let upstream = ReferenceTensor.random(output.shape, using: &random)
    let biased = output.addingToChannels(bias)
    let dataGradient = upstream.convolutionDataGradient(
      weight: weight, inputShape: x.shape, settings: shapes.settings)
    let weightGradient = x.convolutionWeightGradient(
      outputGradient: upstream, weightShape: weight.shape, settings: shapes.settings)
    let input = x.tensor(layout: shapes.layout)
    let gradient = upstream.tensor(layout: shapes.gradientLayout)
    func check(_ backend: ConvolutionBackend, sparesSmall: Bool) {
      backend.with(sparesSmall: sparesSmall) {
        let results = [
          (input.convolved(with: weight.tensor(), settings: shapes.settings), output),
          (
            input.convolved(with: weight.tensor(), bias: bias.tensor(), settings: shapes.settings),
            biased
          ),
          (
            input.convolved(
              with: weight.tensor(), bias: bias.tensor(), settings: shapes.settings,
              negativeSlope: 0.2), biased.leakyReLU(negativeSlope: 0.2)
          ),
          (
            gradient.convolutionDataGradient(
              weight: weight.tensor(), inputShape: input.shape, layout: shapes.layout,
              settings: shapes.settings), dataGradient
          ),
          (
            input.convolutionWeightGradient(
              outputGradient: gradient, weightShape: Shape(shapes.weight),
              settings: shapes.settings), weightGradient
          ),
        ]
        for (index, (result, expected)) in results.enumerated() {
          expectClose(result, expected, .normwise(1e-5), "\(backend), result \(index)")
          if index < 4 { expectPaddingIsZero(result, "\(backend), result \(index)") }
        }
      }
    }
    for backend in ConvolutionBackend.allCases { check(backend, sparesSmall: false) }
    check(.automatic, sparesSmall: true)
  }

  @Test func changedWeightsAreUsed() {
    var random = CounterBasedRandom(test: 1)
    let x = ReferenceTensor.random([1, 8, 6, 6], using: &random)
    let first = ReferenceTensor.random([8, 8, 3, 3], using: &random)
    let second = ReferenceTensor.random([8, 8, 3, 3], using: &random)
    let settings = ConvolutionSettings(padding: 1)
    for backend in ConvolutionBackend.allCases {
      backend.withOwnCode {
        let input = x.tensor(layout: .native)
        var weight = first.tensor()
        for values in [first, second] {
          weight.withUnsafeMutableFloats { memory in
            for index in memory.indices { memory[index] = Float(values.elements[index]) }
          }
          expectClose(
            input.convolved(with: weight, settings: settings),
            x.convolved(with: values, settings: settings), .normwise(1e-5), "\(backend)")
          expectClose(
            input.convolutionDataGradient(
              weight: weight, inputShape: input.shape, layout: .native, settings: settings),
            x.convolutionDataGradient(weight: values, inputShape: x.shape, settings: settings),
            .normwise(1e-5), "\(backend)")
        }
      }
    }
  }
}

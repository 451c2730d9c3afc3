import CKernels
import Kernels
import TensorCore
import TestSupport
import Testing

/// Kernels on bfloat16 maps: the float32 kernels' results on the same numbers, rounded once.
@Suite("bfloat16 kernels")
struct BFloat16Tests {
  /// Random maps that bfloat16 represents exactly, in both types.
  private static func maps(_ shape: [Int], seed: Int, _ layout: Layout) -> (
    half: Tensor, full: Tensor
  ) {
    var random = CounterBasedRandom(test: seed)
    let half = ReferenceTensor.random(shape, using: &random).tensor(layout: layout)
      .converted(to: layout, .bfloat16)
    return (half, half.converted(to: .float32))
  }

  private static func expectRounded(
    _ half: Tensor, _ full: Tensor, _ subject: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(half.elementType == .bfloat16, "\(subject)", sourceLocation: sourceLocation)
    expectClose(
      half, full.converted(to: half.layout, .bfloat16), .exact, subject,
      sourceLocation: sourceLocation)
    expectPaddingIsZero(half.converted(to: .float32))
  }

  /// The nearest number to one that is as close to the exact one as single precision is: only beside the
  /// middle of two numbers there is a choice.
  private static func expectRounded(
    _ half: Tensor, _ full: Tensor, within error: Float, _ subject: String
  ) {
    func rounded(_ shift: Float) -> [Float] {
      let values = full.converted(to: .plain).elements.map { $0 + shift }
      return Tensor(values, shape: full.shape).converted(to: half.layout, .bfloat16)
        .converted(to: .float32).converted(to: .plain).elements
    }
    let results = half.converted(to: .float32).converted(to: .plain).elements
    let (lowest, highest) = (rounded(-error), rounded(error))
    for (index, result) in results.enumerated() {
      #expect(
        lowest[index] <= result && result <= highest[index], "\(subject), element \(index)")
    }
  }

  @Test func roundsToTheNearestTiesToEven() {
    let one: UInt32 = 0x3F80_0000
    let cases: [(UInt32, UInt32)] = [
      (one, one), (one + 0x7FFF, one), (one + 0x8000, one), (one + 0x8001, one + 0x1_0000),
      (one + 0x1_8000, one + 0x2_0000), (0x8000_0000, 0x8000_0000), (0x7F80_0000, 0x7F80_0000),
      (0x7F7F_FFFF, 0x7F80_0000), (0x0000_8001, 0x0001_0000),
    ]
    let values = cases.map { Float(bitPattern: $0.0) } + [.nan, Float(bitPattern: 0x7F80_0001)]
    let rounded = Tensor(values, shape: [1, values.count, 1, 1])
      .converted(to: .bfloat16).converted(to: .plain).elements
    #expect(rounded.prefix(cases.count).map(\.bitPattern) == cases.map(\.1))
    #expect(rounded.suffix(2).allSatisfy { $0.isNaN })
  }

  @Test(arguments: FeatureMapCases.shapes)
  func elementsPoolsAndWindows(shape: [Int]) {
    for layout in [Layout.blocked(8), .blocked(16)] {
      let (a, b) = (Self.maps(shape, seed: 1, layout), Self.maps(shape, seed: 2, layout))
      let binary = [
        CKERNELS_ADD, CKERNELS_SUBTRACT, CKERNELS_MULTIPLY, CKERNELS_LEAKY_RELU_GRADIENT,
        CKERNELS_ELU_GRADIENT,
      ]
      for function in binary {
        Self.expectRounded(
          a.half.combined(function, with: b.half, 0.2),
          a.full.combined(function, with: b.full, 0.2), "\(function)")
      }
      for function in [CKERNELS_LEAKY_RELU, CKERNELS_ELU, CKERNELS_TANH, CKERNELS_SCALE] {
        Self.expectRounded(
          a.half.mapped(function, 0.3), a.full.mapped(function, 0.3), "\(function)")
      }
      let pooled = Self.maps([shape[0], shape[1], shape[2] / 2, shape[3] / 2], seed: 3, layout)
      Self.expectRounded(a.half.maxPooled(), a.full.maxPooled(), "max pool")
      Self.expectRounded(
        a.half.maxPoolGradient(pooled.half), a.full.maxPoolGradient(pooled.full), "its gradient")
      Self.expectRounded(
        a.half.maxPoolSelecting(b.half), a.full.maxPoolSelecting(b.full), "selection")
      Self.expectRounded(
        a.half.windowsSummed(times: 0.25), a.full.windowsSummed(times: 0.25), "sums")
      Self.expectRounded(
        a.half.windowsRepeated(times: 0.5, height: 2 * shape[2] + 1, width: 2 * shape[3]),
        a.full.windowsRepeated(times: 0.5, height: 2 * shape[2] + 1, width: 2 * shape[3]), "repeats"
      )
      let windows = CropWindows(
        tops: Array(repeating: 1, count: shape[0]), lefts: Array(repeating: 0, count: shape[0]),
        height: shape[2] - 1, width: 2)
      Self.expectRounded(a.half.cropped(to: windows), a.full.cropped(to: windows), "crop")
      Self.expectRounded(
        a.half.cropped(to: windows).pasted(into: windows, height: shape[2], width: shape[3]),
        a.full.cropped(to: windows).pasted(into: windows, height: shape[2], width: shape[3]),
        "paste")
    }
  }

  @Test func concatenations() {
    let layout = Layout.blocked(8)
    let (a, b) = (
      Self.maps([2, 16, 3, 2], seed: 1, layout), Self.maps([2, 5, 3, 2], seed: 2, layout)
    )
    Self.expectRounded(
      .concatenated([a.half, b.half]), .concatenated([a.full, b.full]), "whole blocks")
    Self.expectRounded(a.half.channels(8..<16), a.full.channels(8..<16), "channels")
    let mixed = Tensor.concatenated([b.half, a.half])
    #expect(mixed.elementType == .float32, "blocks of two tensors are put together in float32")
    expectClose(mixed, Tensor.concatenated([b.full, a.full]), .exact)
  }

  @Test(arguments: FeatureMapCases.shapes, [NormalizationGroup.image, .batch])
  func normalization(shape: [Int], group: NormalizationGroup) {
    for layout in [Layout.blocked(8), .blocked(16)] {
      let (x, dy) = (Self.maps(shape, seed: 1, layout), Self.maps(shape, seed: 2, layout))
      let (half, full) = (
        Normalization(like: x.half, group: group), Normalization(like: x.full, group: group)
      )
      let moments = full.moments(x.full)
      #expect(half.moments(x.half).mean == moments.mean)
      #expect(half.moments(x.half).variance == moments.variance)
      let scale = moments.inverseDeviation(epsilon: 1e-5)
      func result(_ kernels: Normalization, _ x: Tensor, _ dy: Tensor) -> [Tensor] {
        let sums = kernels.gradientSums(
          x, mean: moments.mean, scale: scale, shift: nil, negativeSlope: 0.2, outputGradient: dy)
        return [
          kernels.normalized(
            x, mean: moments.mean, scale: scale, shift: nil, negativeSlope: 0.2, addend: dy),
          kernels.inputGradient(
            x, mean: moments.mean, scale: scale, shift: nil, negativeSlope: 0.2,
            outputGradient: dy, offset: sums.gradient, slope: sums.gradientTimesDeviation),
        ]
      }
      for (a, b) in zip(result(half, x.half, dy.half), result(full, x.full, dy.full)) {
        #expect(a.elementType == .bfloat16)
        Self.expectRounded(a, b, within: 1e-6, "\(layout)")
        expectPaddingIsZero(a.converted(to: .float32))
      }
    }
  }

  @Test func sumsStayInFloat32() {
    let guide = Tensor((0..<24).map { Float($0) / 24 }, shape: [2, 1, 4, 3])
    for layout in [Layout.blocked(8), .blocked(16)] {
      let (a, b) = (
        Self.maps([2, 21, 4, 3], seed: 1, layout), Self.maps([2, 21, 4, 3], seed: 2, layout)
      )
      #expect(
        a.half.guidedL1(to: b.half, guide: guide) == a.full.guidedL1(to: b.full, guide: guide))
      Self.expectRounded(
        a.half.guidedL1Gradient(to: b.half, guide: guide, scale: 0.1),
        a.full.guidedL1Gradient(to: b.full, guide: guide, scale: 0.1), "L1")
      expectClose(a.half.summedOverChannels(), a.full.summedOverChannels(), .normwise(1e-6))
    }
  }

  /// Winograd's arithmetic is float32's; the library rounds weights, and sums exactly.
  @Test(arguments: [(ConvolutionBackend.winograd, 0.0), (.library, 6e-3), (.columns, 1e-6)])
  func convolutions(backend: ConvolutionBackend, error: Double) {
    var random = CounterBasedRandom(test: 7)
    for (inputs, outputs, kernel, stride, dilation) in [
      (16, 32, 3, 1, 1), (20, 9, 3, 1, 2), (4, 40, 5, 2, 1), (33, 70, 3, 1, 1),
    ] {
      let settings = ConvolutionSettings(
        stride: stride, padding: dilation * (kernel - 1) / 2, dilation: dilation)
      let x = Self.maps([2, inputs, 18, 22], seed: 1, .native)
      let weight = ReferenceTensor.random([outputs, inputs, kernel, kernel], using: &random)
        .tensor()
      let shape = ConvolutionShape(input: x.half.shape, weight: weight.shape, settings: settings)
      let dy = Self.maps(shape.output.dimensions, seed: 2, .native)
      func results(_ x: Tensor, _ dy: Tensor) -> [Tensor] {
        [
          x.convolved(with: weight, settings: settings, negativeSlope: 0.2),
          dy.convolutionDataGradient(
            weight: weight, inputShape: x.shape, layout: .native, elementType: x.elementType,
            settings: settings),
          x.convolutionWeightGradient(
            outputGradient: dy, weightShape: weight.shape, settings: settings),
        ]
      }
      ConvolutionBackend.$current.withValue(backend) {
        let (half, full) = (results(x.half, dy.half), results(x.full, dy.full))
        for (a, b) in zip(half, full).prefix(2) {
          #expect(a.elementType == .bfloat16)
          let isExact = error == 0 && kernel == 3
          expectClose(
            a, b.converted(to: .native, .bfloat16), isExact ? .exact : .normwise(max(error, 6e-3)))
          expectPaddingIsZero(a.converted(to: .float32))
        }
        #expect(half[2].elementType == .float32)
        expectClose(half[2], full[2], error == 0 && kernel == 3 ? .exact : .normwise(1e-5))
      }
    }
  }
}

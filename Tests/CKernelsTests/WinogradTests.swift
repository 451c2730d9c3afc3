import CKernels
import TensorCore
import Testing

/// One instantiation of the kernels.
struct WinogradPath: CustomTestStringConvertible, Sendable {
  let name: String
  let set: ckernels_instruction_set
  let block: Int32

  var testDescription: String { "\(name), blocks of \(block)" }

  static let supported = [
    Self(name: "portable", set: CKERNELS_PORTABLE, block: 8),
    Self(name: "portable", set: CKERNELS_PORTABLE, block: 16),
    Self(name: "portable in the shape of AVX-512", set: CKERNELS_PORTABLE_WIDE, block: 16),
    Self(name: "AVX2", set: CKERNELS_AVX2, block: 8),
    Self(name: "AVX2", set: CKERNELS_AVX2, block: 16),
    Self(name: "AVX-512", set: CKERNELS_AVX512, block: 8),
    Self(name: "AVX-512", set: CKERNELS_AVX512, block: 16),
  ].filter { ckernels_supports_instruction_set($0.set) }

  func shape(
    batch: Int = 1, inputs: Int, outputs: Int, height: Int, width: Int, dilation: Int = 1,
    padding: Int? = nil
  ) -> ckernels_winograd_shape {
    ckernels_winograd_shape(
      batch: Int32(batch), inputChannels: Int32(inputs), outputChannels: Int32(outputs),
      height: Int32(height), width: Int32(width), padding: Int32(padding ?? dilation),
      dilation: Int32(dilation), channelBlock: block, hasPhases: false,
      emptyTaps: (0, 0), instructionSet: set,
      elementType: CKERNELS_FLOAT32)
  }

  /// A random shape that takes at most a few million multiplications.
  func randomShape(seed: Int) -> ckernels_winograd_shape {
    var random = CounterBasedRandom(seed: UInt64(seed), purpose: .test, epoch: 1)
    while true {
      let batch = random.integer(in: 1...3)
      let (inputs, outputs) = (random.integer(in: 1...70), random.integer(in: 1...70))
      let (height, width) = (random.integer(in: 1...40), random.integer(in: 1...40))
      let dilation = [1, 2, 4, 8][random.integer(in: 0...3)]
      let isSameSize = random.integer(in: 0...2) > 0
      let padding = isSameSize ? dilation : random.integer(in: 0...2 * dilation)
      let change = 2 * (padding - dilation)
      guard height + change > 0, width + change > 0,
        batch * inputs * outputs * max(height, height + change) * max(width, width + change)
          < 500_000
      else { continue }
      return shape(
        batch: batch, inputs: inputs, outputs: outputs, height: height, width: width,
        dilation: dilation, padding: padding)
    }
  }
}

@Suite("Winograd convolution")
struct WinogradTests {
  static let tolerance = 1e-5

  static func expectAgreement(_ reference: WinogradReference, _ comment: String) {
    let results = reference.run(threads: 1)
    let error = results.error(from: reference.results())
    #expect(error <= tolerance, "\(comment) \(reference.shape)")
    for threads: Int32 in [2, 3, 5] {
      #expect(
        reference.run(threads: threads).isIdentical(to: results),
        "\(threads) threads give other bits: \(comment) \(reference.shape)")
    }
  }

  @Test("All directions agree with direct convolution", arguments: WinogradPath.supported)
  func randomShapes(path: WinogradPath) {
    for seed in 0..<80 {
      let slope: Float = [0, 0.2, 1][seed % 3]
      let reference = WinogradReference(
        path.randomShape(seed: seed), negativeSlope: slope, seed: seed)
      Self.expectAgreement(reference, "seed \(seed)")
    }
  }

  @Test("Shapes that are worked on in another order", arguments: WinogradPath.supported)
  func largeShapes(path: WinogradPath) {
    let shapes = [
      // So few tiles that threads share out the output channels.
      path.shape(inputs: 128, outputs: 96, height: 9, width: 7),
      path.shape(inputs: 40, outputs: 264, height: 4, width: 4),
      // More input channels than are summed in registers at once.
      path.shape(inputs: 330, outputs: 17, height: 8, width: 10),
      // Chunks in the weight gradient, on which threads work alone or, where they cannot be dealt out
      // evenly, together: two, four, eight, and eight of several batches.
      path.shape(inputs: 9, outputs: 20, height: 32, width: 64),
      path.shape(inputs: 70, outputs: 33, height: 70, width: 72),
      path.shape(batch: 2, inputs: 5, outputs: 3, height: 131, width: 170),
    ]
    for (index, shape) in shapes.enumerated() {
      Self.expectAgreement(
        WinogradReference(shape, negativeSlope: 0.2, seed: index), "shape \(index)")
    }
  }

  /// Of 4x4 and 5x5 convolutions of stride 2, with few and with many channels a phase.
  @Test("Taps that are zero for a phase change nothing", arguments: WinogradPath.supported)
  func phases(path: WinogradPath) {
    let emptyTaps: [(Int32, Int32)] = [(0, 2), (-1, 2), (0, -1), (2, 0), (-1, -1)]
    for (index, taps) in emptyTaps.enumerated() {
      for (blocks, outputs, side) in [(1, 20, 9), (3, 40, 8), (10, 70, 4), (2, 9, 30)] {
        var shape = path.shape(
          batch: 2, inputs: 4 * blocks * Int(path.block), outputs: outputs, height: side,
          width: side + 1)
        (shape.hasPhases, shape.emptyTaps) = (true, taps)
        Self.expectAgreement(
          WinogradReference(shape, negativeSlope: 0.2, seed: index), "empty taps \(taps)")
      }
    }
  }

  @Test("A change of one weight is noticed", arguments: WinogradPath.supported)
  func negativeControl(path: WinogradPath) {
    let shape = path.shape(inputs: 16, outputs: 16, height: 12, width: 12)
    let results = WinogradReference(shape, negativeSlope: 1, seed: 1).run(threads: 1)
    let other = WinogradReference(shape, negativeSlope: 1, seed: 2).results()
    #expect(results.error(from: other) > 0.1)
    #expect(
      !results.isIdentical(to: WinogradReference(shape, negativeSlope: 1, seed: 2).run(threads: 1)))
  }

  @Test("The activation keeps NaN", arguments: WinogradPath.supported)
  func activationKeepsNaN(path: WinogradPath) throws {
    var shape = path.shape(inputs: 8, outputs: 8, height: 4, width: 4)
    let block = Int(path.block)
    let input = AlignedFloats(count: block * 16)
    let output = AlignedFloats(count: block * 16, filledWith: 0)
    let packed = AlignedFloats(count: ckernels_winograd_packed_weight_count(&shape))
    let memory = WinogradScratch(&shape, CKERNELS_WINOGRAD_FORWARD)
    let weight = [Float](repeating: 1, count: 8 * 8 * 9)
    try #require(ckernels_winograd_pack_forward_weight(&shape, weight, packed.pointer) == 0)
    try #require(
      ckernels_winograd_forward(
        &shape, input.pointer, packed.pointer, nil, 0, &memory.scratch, output.pointer)
        == 0)
    #expect(output.values.prefix(8).allSatisfy { $0.isNaN })
  }

  @Test("Shapes without a meaning are refused")
  func badShapes() {
    let good = ckernels_winograd_shape(
      batch: 1, inputChannels: 8, outputChannels: 8, height: 4, width: 4, padding: 1, dilation: 1,
      channelBlock: 8, hasPhases: false, emptyTaps: (0, 0), instructionSet: CKERNELS_AUTOMATIC,
      elementType: CKERNELS_FLOAT32)
    var shape = good
    let nothing = AlignedFloats(count: 0)
    #expect(ckernels_winograd_packed_weight_count(&shape) >= 36 * 8 * 8)
    let changes: [(inout ckernels_winograd_shape) -> Void] = [
      { $0.batch = 0 }, { $0.inputChannels = 0 }, { $0.outputChannels = -1 }, { $0.height = 0 },
      { $0.width = 0 }, { $0.dilation = 0 }, { $0.padding = -1 }, { $0.padding = 3 },
      { $0.channelBlock = 4 },
      // Phases of less than a block, and phases that all lack a tap.
      { $0.hasPhases = true },
      {
        $0.inputChannels = 32
        ($0.hasPhases, $0.emptyTaps) = (true, (2, 2))
      },
      {
        $0.padding = 0
        $0.dilation = 2
      },
      { $0.instructionSet = ckernels_instruction_set(rawValue: 99) },
    ]
    for (index, change) in changes.enumerated() {
      shape = good
      change(&shape)
      #expect(ckernels_winograd_packed_weight_count(&shape) == 0, "change \(index)")
      let scratch = ckernels_winograd_scratch_count(&shape, CKERNELS_WINOGRAD_DATA_GRADIENT)
      #expect(scratch.shared == 0 && scratch.thread == 0, "change \(index)")
      #expect(
        ckernels_winograd_pack_forward_weight(&shape, nothing.pointer, nothing.pointer)
          == Int32(CKERNELS_WINOGRAD_BAD_SHAPE.rawValue), "change \(index)")
    }
  }

  @Test("Too little scratch memory is refused")
  func smallScratch() {
    var shape = ckernels_winograd_shape(
      batch: 1, inputChannels: 8, outputChannels: 8, height: 4, width: 4, padding: 1, dilation: 1,
      channelBlock: 8, hasPhases: false, emptyTaps: (0, 0), instructionSet: CKERNELS_AUTOMATIC,
      elementType: CKERNELS_FLOAT32)
    let buffer = AlignedFloats(count: 36 * 64, filledWith: 0)
    let status = Int32(CKERNELS_WINOGRAD_SMALL_SCRATCH.rawValue)
    let p = buffer.pointer
    for missing in [(1, 0), (0, 1)] {
      let forward = WinogradScratch(&shape, CKERNELS_WINOGRAD_FORWARD, missing: missing)
      let data = WinogradScratch(&shape, CKERNELS_WINOGRAD_DATA_GRADIENT, missing: missing)
      #expect(ckernels_winograd_forward(&shape, p, p, nil, 1, &forward.scratch, p) == status)
      #expect(ckernels_winograd_data_gradient(&shape, p, p, &data.scratch, p) == status)
    }
    // The threads share all of it here.
    let weight = WinogradScratch(&shape, CKERNELS_WINOGRAD_WEIGHT_GRADIENT, missing: (1, 0))
    #expect(ckernels_winograd_weight_gradient(&shape, p, p, &weight.scratch, p) == status)
    #expect(buffer.values.allSatisfy { $0 == 0 })
  }
}

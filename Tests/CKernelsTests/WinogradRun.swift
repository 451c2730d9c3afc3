import CKernels
import Testing

/// A block of floats at an address that is a multiple of 64, followed by values that must not change.
final class AlignedFloats {
  private static let guardCount = 32
  private static let guardValue: Float = 0x1.23456p+77

  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int, filledWith value: Float = .nan) {
    self.count = count
    pointer = UnsafeMutableRawPointer.allocate(
      byteCount: (count + Self.guardCount) * 4, alignment: 64
    ).bindMemory(to: Float.self, capacity: count + Self.guardCount)
    pointer.initialize(repeating: value, count: count)
    (pointer + count).initialize(repeating: Self.guardValue, count: Self.guardCount)
  }

  deinit { pointer.deallocate() }

  var values: UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: pointer, count: count) }

  /// Whether nothing was written behind the end.
  var isIntact: Bool { (0..<Self.guardCount).allSatisfy { pointer[count + $0] == Self.guardValue } }

  /// The blocked form, `[N, C / B, H, W, B]`, of `[pixels, channels]` with `batch` images.
  static func blocked(_ maps: [Float], channels: Int, batch: Int, block: Int) -> AlignedFloats {
    let blocks = (channels + block - 1) / block
    let area = maps.count / channels / batch
    let result = AlignedFloats(count: batch * area * blocks * block, filledWith: 0)
    for index in maps.indices {
      let (pixel, channel) = index.quotientAndRemainder(dividingBy: channels)
      let (image, position) = pixel.quotientAndRemainder(dividingBy: area)
      let offset = ((image * blocks + channel / block) * area + position) * block + channel % block
      result.pointer[offset] = maps[index]
    }
    return result
  }

  /// The inverse of `blocked`; expects zeros in the channels that fill up the last block.
  func unblocked(channels: Int, batch: Int, block: Int) -> [Float] {
    let blocks = (channels + block - 1) / block
    let area = count / (batch * blocks * block)
    var result = [Float](repeating: .nan, count: batch * area * channels)
    var hasZeroPadding = true
    for index in 0..<count {
      let (pixel, lane) = index.quotientAndRemainder(dividingBy: block)
      let (plane, position) = pixel.quotientAndRemainder(dividingBy: area)
      let channel = plane % blocks * block + lane
      if channel < channels {
        result[(plane / blocks * area + position) * channels + channel] = pointer[index]
      } else if pointer[index] != 0 {
        hasZeroPadding = false
      }
    }
    #expect(hasZeroPadding, "channels that fill up the last block are not zero")
    return result
  }
}

extension WinogradReference {
  /// Runs the kernels in all directions.
  func run(threads: Int32) -> WinogradResults<Float> {
    let threadsBefore = ckernels_thread_count()
    ckernels_set_thread_count(threads)
    defer { ckernels_set_thread_count(threadsBefore) }

    var shape = shape
    let (batch, block) = (Int(shape.batch), Int(shape.channelBlock))
    let (inputs, outputs) = (Int(shape.inputChannels), Int(shape.outputChannels))
    let x = AlignedFloats.blocked(input, channels: inputs, batch: batch, block: block)
    let dy = AlignedFloats.blocked(outputGradient, channels: outputs, batch: batch, block: block)
    let y = AlignedFloats(count: dy.count)
    let dx = AlignedFloats(count: x.count)
    let dw = AlignedFloats(count: weight.count)
    let packed = AlignedFloats(count: ckernels_winograd_packed_weight_count(&shape))
    let forward = WinogradScratch(&shape, CKERNELS_WINOGRAD_FORWARD)
    #expect(ckernels_winograd_pack_forward_weight(&shape, weight, packed.pointer) == 0)
    #expect(
      ckernels_winograd_forward(
        &shape, x.pointer, packed.pointer, bias, negativeSlope, &forward.scratch, y.pointer) == 0)

    let data = WinogradScratch(&shape, CKERNELS_WINOGRAD_DATA_GRADIENT)
    #expect(ckernels_winograd_pack_data_gradient_weight(&shape, weight, packed.pointer) == 0)
    #expect(
      ckernels_winograd_data_gradient(
        &shape, dy.pointer, packed.pointer, &data.scratch, dx.pointer) == 0)

    let weights = WinogradScratch(&shape, CKERNELS_WINOGRAD_WEIGHT_GRADIENT)
    #expect(
      ckernels_winograd_weight_gradient(
        &shape, x.pointer, dy.pointer, &weights.scratch, dw.pointer) == 0)

    let buffers = [x, dy, y, dx, dw, packed] + [forward, data, weights].flatMap(\.buffers)
    for buffer in buffers {
      #expect(buffer.isIntact, "written behind the end of a buffer")
    }
    return WinogradResults(
      output: y.unblocked(channels: outputs, batch: batch, block: block),
      inputGradient: dx.unblocked(channels: inputs, batch: batch, block: block),
      weightGradient: defined(Array(dw.values)))
  }
}

/// As much scratch memory as a direction needs, and no more.
final class WinogradScratch {
  let buffers: [AlignedFloats]
  var scratch: ckernels_winograd_scratch

  /// Takes memory for the calling thread's current number of threads.
  ///
  /// - Parameters:
  ///   - shape: The convolution.
  ///   - direction: The kernel that will use it.
  ///   - missing: Floats to leave out: of the shared part, and of each thread's.
  init(
    _ shape: inout ckernels_winograd_shape, _ direction: ckernels_winograd_direction,
    missing: (shared: Int, thread: Int) = (0, 0)
  ) {
    let counts = ckernels_winograd_scratch_count(&shape, direction)
    let stride = (counts.thread + 15) / 16 * 16
    let shared = AlignedFloats(count: counts.shared)
    let threads = AlignedFloats(count: Int(ckernels_thread_count()) * stride)
    buffers = [shared, threads]
    scratch = ckernels_winograd_scratch(
      shared: shared.pointer, sharedCount: counts.shared - missing.shared,
      threads: threads.pointer, threadsCount: threads.count,
      threadStride: missing.thread > 0 ? counts.thread - missing.thread : stride)
  }
}

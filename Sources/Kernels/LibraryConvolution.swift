import CKernels
import COneDNN
import Synchronization
import TensorCore

/// Convolutions by oneDNN.
///
/// Where the processor cannot multiply bfloat16 numbers, maps of that type are brought to float32 and
/// back: there the type saves memory only.
enum LibraryConvolution {
  private static func needsFloat32(_ tensor: Tensor) -> Bool {
    tensor.elementType == .bfloat16 && !multipliesBFloat16
  }

  static func forward(
    _ input: Tensor, _ weight: Tensor, bias: Tensor?, negativeSlope: Float?,
    shape: ConvolutionShape, _ implementation: inout String
  ) -> Tensor {
    guard !needsFloat32(input) else {
      return forward(
        input.converted(to: .float32), weight, bias: bias, negativeSlope: negativeSlope,
        shape: shape, &implementation
      ).converted(to: .bfloat16)
    }
    let output = Tensor(
      uninitialized: shape.output, layout: .native, elementType: input.elementType)
    let primitive = ConvolutionPrimitive.cached(
      ConvolutionPrimitive.Key(
        shape: shape, direction: .forward, input: input.layout, output: output.layout,
        elementType: input.elementType, hasBias: bias != nil, negativeSlope: negativeSlope))
    primitive.run(
      input.rawPointer, primitive.packed(weight).rawPointer, bias: bias,
      into: output.mutableRawPointer)
    implementation = primitive.implementation
    return output
  }

  static func dataGradient(
    _ outputGradient: Tensor, _ weight: Tensor, layout: Layout, shape: ConvolutionShape,
    _ implementation: inout String
  ) -> Tensor {
    guard !needsFloat32(outputGradient) else {
      return dataGradient(
        outputGradient.converted(to: .float32), weight, layout: layout, shape: shape,
        &implementation
      ).converted(to: .bfloat16)
    }
    let type = outputGradient.elementType
    let inputGradient = Tensor(uninitialized: shape.input, layout: layout, elementType: type)
    let primitive = ConvolutionPrimitive.cached(
      ConvolutionPrimitive.Key(
        shape: shape, direction: .dataGradient, input: layout, output: outputGradient.layout,
        elementType: type))
    primitive.run(
      outputGradient.rawPointer, primitive.packed(weight).rawPointer,
      into: inputGradient.mutableRawPointer)
    implementation = primitive.implementation
    return inputGradient
  }

  /// Output channels are divided into groups, and images into parts where there are few of those, each
  /// computed by one thread: the library's own sharing of the work would make the sums depend on the
  /// number of threads.
  static func weightGradient(
    _ input: Tensor, _ outputGradient: Tensor, shape: ConvolutionShape,
    _ implementation: inout String
  ) -> Tensor {
    guard !needsFloat32(input) else {
      return weightGradient(
        input.converted(to: .float32), outputGradient.converted(to: .float32), shape: shape,
        &implementation)
    }
    let weightGradient = Tensor(uninitialized: shape.weight)
    let outputGradient = outputGradient.converted(to: .native)
    let groups = channelGroups(of: shape)
    let parts = imageParts(of: shape, groups: groups.count)
    let primitives = (0..<groups.count * parts).map { index in
      let channels = groups[index % groups.count]
      return ConvolutionPrimitive.cached(
        ConvolutionPrimitive.Key(
          shape: shape.part(images: shape.batch / parts, outputChannels: channels.count),
          direction: .weightGradient, input: input.layout, output: .native,
          elementType: input.elementType, group: index))
    }
    let size = shape.weight.elementCount
    let sums = parts == 1 ? weightGradient : Tensor(uninitialized: [parts * size])
    parallelFor(primitives.count) { index in
      let (part, group) = index.quotientAndRemainder(dividingBy: groups.count)
      let images = part * shape.batch / parts..<(part + 1) * shape.batch / parts
      let gradient = outputGradient.channels(groups[group], ofImages: images)
      primitives[index].run(
        input.pointer(toImage: images.lowerBound), gradient.rawPointer,
        into: sums.mutablePointer + part * size
          + groups[group].lowerBound * (size / shape.outputChannels))
    }
    if parts > 1 { weightGradient.setToSum(of: sums, parts) }
    implementation = primitives[0].implementation
    return weightGradient
  }

  /// At most 16 groups of whole channel blocks: a function of the shape alone.
  private static func channelGroups(of shape: ConvolutionShape) -> [Range<Int>] {
    let block = Layout.native.channelBlock
    let blocks = (shape.outputChannels + block - 1) / block
    let width = (blocks + 15) / 16 * block
    return stride(from: 0, to: shape.outputChannels, by: width).map {
      $0..<min($0 + width, shape.outputChannels)
    }
  }

  /// How many parts of the same size the images are divided into: a function of the shape alone.
  private static func imageParts(of shape: ConvolutionShape, groups: Int) -> Int {
    guard groups < 4, shape.weight.elementCount <= 1 << 14 else { return 1 }
    return (1...8).last { shape.batch.isMultiple(of: $0) } ?? 1
  }
}

/// Whether this processor has instructions that multiply bfloat16 numbers.
package let multipliesBFloat16 = conednn_multiplies_bfloat16() != 0

/// The version of oneDNN that this process computes with, such as "2.6.3": another one may choose other code
/// and round differently.
package let convolutionLibraryVersion = String(cString: conednn_version())

/// Drops the compiled convolutions of all shapes; they are made again when they are needed.
///
/// For work on pictures of many sizes, which would otherwise collect one set for each size.
package func forgetConvolutions() { ConvolutionPrimitive.forgetAll() }

extension Tensor {
  fileprivate func pointer(toImage image: Int) -> UnsafeRawPointer {
    rawPointer + image * (storedElementCount / shape[0]) * elementType.byteCount
  }

  /// Overwrites the elements with the sums of as many parts, each as long as this tensor.
  fileprivate func setToSum(of values: Tensor, _ parts: Int) {
    let (sums, values, count) = (mutablePointer, values.pointer, storedElementCount)
    for index in 0..<count {
      var sum: Float = 0
      for part in 0..<parts { sum += values[part * count + index] }
      sums[index] = sum
    }
  }
}

/// One of oneDNN's compiled convolutions, kept until all are forgotten.
private final class ConvolutionPrimitive: @unchecked Sendable {
  struct Key: Hashable {
    let shape: ConvolutionShape
    let direction: ConvolutionDirection
    let input: Layout
    let output: Layout
    let elementType: ElementType
    var hasBias = false
    /// Tells apart primitives that run at the same time.
    var group = 0
    var negativeSlope: Float?
    /// The library shares out the work when it compiles.
    let threads = ckernels_thread_count()
  }

  private static let cache = Mutex<[Key: ConvolutionPrimitive]>([:])

  static func cached(_ key: Key) -> ConvolutionPrimitive {
    cache.withLock { cache in
      if let primitive = cache[key] { return primitive }
      let primitive = ConvolutionPrimitive(key)
      cache[key] = primitive
      return primitive
    }
  }

  static func forgetAll() { cache.withLock { $0 = [:] } }

  let implementation: String
  private let handle: conednn_convolution_t
  private let weightKey: String
  /// A primitive's operands are set before it runs, so that it serves one thread at a time.
  private let turn = Mutex(())

  private init(_ key: Key) {
    let shape = key.shape
    var description = conednn_convolution_shape()
    description.batch = Int32(shape.batch)
    description.input_channels = Int32(shape.inputChannels)
    description.input_height = Int32(shape.inputHeight)
    description.input_width = Int32(shape.inputWidth)
    description.output_channels = Int32(shape.outputChannels)
    description.output_height = Int32(shape.outputHeight)
    description.output_width = Int32(shape.outputWidth)
    description.kernel_height = Int32(shape.kernelHeight)
    description.kernel_width = Int32(shape.kernelWidth)
    description.stride = Int32(shape.settings.stride)
    description.dilation = Int32(shape.settings.dilation)
    description.padding = Int32(shape.settings.padding)
    description.input_block = Int32(key.input.channelBlock)
    description.output_block = Int32(key.output.channelBlock)
    description.is_bfloat16 = key.elementType == .bfloat16 ? 1 : 0
    description.has_bias = key.hasBias ? 1 : 0
    description.has_activation = key.negativeSlope == nil ? 0 : 1
    description.negative_slope = key.negativeSlope ?? 0
    var created: conednn_convolution_t?
    check(
      conednn_convolution_create(&description, key.direction.rawValue, &created), "\(shape)")
    guard let created else { fatalError("oneDNN made no convolution for \(shape)") }
    handle = created
    implementation = String(cString: conednn_convolution_implementation(created))
    weightKey = "onednn \(key)"
  }

  deinit { conednn_convolution_destroy(handle) }

  /// The weight in the primitive's own layout, made once for each state of the weight.
  func packed(_ weight: Tensor) -> Tensor {
    weight.storage.derived(weightKey) {
      let packed = Tensor(
        uninitialized: [(conednn_convolution_packed_weight_size(handle) + 3) / 4])
      turn.withLock { _ in
        check(
          conednn_convolution_pack_weight(handle, weight.pointer, packed.mutablePointer),
          weightKey)
      }
      return packed
    }
  }

  func run(
    _ operand0: UnsafeRawPointer, _ operand1: UnsafeRawPointer, bias: Tensor? = nil,
    into result: UnsafeMutableRawPointer
  ) {
    let scratch = Storage(byteCount: conednn_convolution_scratch_size(handle))
    turn.withLock { _ in
      check(
        conednn_convolution_execute(
          handle, operand0, operand1, bias?.pointer, result, scratch.pointer),
        weightKey)
    }
    KernelStatistics.layoutConversions.add(
      Int(conednn_convolution_reorders(handle)), ordering: .relaxed)
  }
}

/// A shape that passed our checks is refused by the library only where the build is broken.
private func check(_ status: Int32, _ what: @autoclosure () -> String) {
  guard status != 0 else { return }
  fatalError("\(String(cString: conednn_status_message(status))): \(what())")
}

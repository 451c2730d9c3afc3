package import TensorCore

extension Tensor {
  /// Tensors one after another along the channel axis.
  ///
  /// The result is in the first tensor's layout and type, or plain float32 where a channel block would
  /// hold channels of two of them.
  ///
  /// - Parameter tensors: [N, C_i, H, W] each, or [N, C_i].
  /// - Returns: [N, sum of C_i, H, W], or [N, sum of C_i].
  package static func concatenated(_ tensors: [Tensor]) -> Tensor {
    let first = tensors[0]
    let block = first.layout.channelBlock
    let layout =
      tensors.dropLast().allSatisfy { $0.shape[1].isMultiple(of: block) } ? first.layout : .plain
    var dimensions = first.shape.dimensions
    dimensions[1] = tensors.reduce(0) { $0 + $1.shape[1] }
    let type = layout == .plain ? .float32 : first.elementType
    let result = Tensor(uninitialized: Shape(dimensions), layout: layout, elementType: type)
    let batch = first.shape[0]
    let rowLength = result.storedElementCount / max(batch, 1) * type.byteCount
    var offset = 0
    for tensor in tensors {
      let part =
        layout == .plain && tensor.layout == .plain ? tensor : tensor.converted(like: result)
      let length = part.storedElementCount / max(batch, 1) * type.byteCount
      KernelProfile.measure(.elementwise) {
        parallelCopy(
          rows: batch, byteCount: length, to: result.mutableRawPointer + offset, stride: rowLength,
          from: part.rawPointer, stride: length)
      }
      offset += length
    }
    return result
  }

  /// Some channels of a tensor, in its layout where its blocks allow and plain otherwise.
  ///
  /// - Parameters:
  ///   - channels: A range of the second axis.
  ///   - images: A range of the first axis; nil for all.
  /// - Returns: [number of images, number of channels, H, W], or [number of images, number of channels].
  package func channels(_ channels: Range<Int>, ofImages images: Range<Int>? = nil) -> Tensor {
    let block = layout.channelBlock
    let isAligned =
      channels.lowerBound.isMultiple(of: block)
      && (channels.upperBound.isMultiple(of: block) || channels.upperBound == shape[1])
    let source = isAligned ? self : converted(to: .plain)
    let images = images ?? 0..<shape[0]
    var dimensions = shape.dimensions
    (dimensions[0], dimensions[1]) = (images.count, channels.count)
    let result = Tensor(
      uninitialized: Shape(dimensions), layout: source.layout, elementType: source.elementType)
    let rowLength = source.storedElementCount / max(shape[0], 1)
    let length = result.storedElementCount / max(images.count, 1)
    let first = channels.lowerBound * dimensions.dropFirst(2).reduce(1, *)
    let size = source.elementType.byteCount
    parallelCopy(
      rows: images.count, byteCount: length * size, to: result.mutableRawPointer,
      stride: length * size,
      from: source.rawPointer + (images.lowerBound * rowLength + first) * size,
      stride: rowLength * size)
    return result
  }
}

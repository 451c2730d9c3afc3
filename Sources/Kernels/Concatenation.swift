package import TensorCore

extension Tensor {
  /// Tensors one after another along the channel axis.
  ///
  /// The result is in the first tensor's layout, or plain where a channel block would hold channels
  /// of two of them.
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
    let result = Tensor(uninitialized: Shape(dimensions), layout: layout)
    let batch = first.shape[0]
    let rowLength = result.storedElementCount / max(batch, 1)
    var offset = 0
    for tensor in tensors {
      let part = layout == .plain && tensor.layout == .plain ? tensor : tensor.converted(to: layout)
      let length = part.storedElementCount / max(batch, 1)
      for image in 0..<batch {
        (result.mutablePointer + image * rowLength + offset)
          .update(from: part.pointer + image * length, count: length)
      }
      offset += length
    }
    return result
  }

  /// Some channels of a tensor, in its layout where its blocks allow and plain otherwise.
  ///
  /// - Parameter channels: A range of the second axis.
  /// - Returns: [N, number of channels, H, W], or [N, number of channels].
  package func channels(_ channels: Range<Int>) -> Tensor {
    let block = layout.channelBlock
    let isAligned =
      channels.lowerBound.isMultiple(of: block)
      && (channels.upperBound.isMultiple(of: block) || channels.upperBound == shape[1])
    let source = isAligned ? self : converted(to: .plain)
    var dimensions = shape.dimensions
    dimensions[1] = channels.count
    let result = Tensor(uninitialized: Shape(dimensions), layout: source.layout)
    let batch = shape[0]
    let rowLength = source.storedElementCount / max(batch, 1)
    let length = result.storedElementCount / max(batch, 1)
    let pixels = dimensions.dropFirst(2).reduce(1, *)
    for image in 0..<batch {
      (result.mutablePointer + image * length).update(
        from: source.pointer + image * rowLength + channels.lowerBound * pixels, count: length)
    }
    return result
  }
}

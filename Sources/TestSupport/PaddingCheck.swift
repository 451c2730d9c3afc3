package import TensorCore
package import Testing

/// Expects that the channels which only fill the last block of feature maps hold zeros.
package func expectPaddingIsZero(
  _ tensor: Tensor, _ subject: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let block = tensor.layout.channelBlock
  let used = tensor.shape[1] % block
  guard used > 0 else { return }
  let blocks = (tensor.shape[1] + block - 1) / block
  let pixels = tensor.shape[2] * tensor.shape[3]
  let misplaced = tensor.withUnsafeFloats { memory in
    memory.indices.first { index in
      index / (pixels * block) % blocks == blocks - 1 && index % block >= used
        && memory[index] != 0
    }
  }
  guard let misplaced else { return }
  Issue.record(
    Comment(
      rawValue: "\(subject()): \(tensor.shape) in \(tensor.layout) holds a number in channel "
        + "\((blocks - 1) * block + misplaced % block), which does not exist"),
    sourceLocation: sourceLocation)
}

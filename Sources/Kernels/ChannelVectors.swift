import CKernels
package import TensorCore

extension Tensor {
  /// Adds one number to each channel of feature maps, [N, C, H, W] + [C].
  package func addingToChannels(_ bias: Tensor) -> Tensor {
    let count = FeaturePlanes(self).paddedChannels
    return Normalization(like: self, group: .batch).normalized(
      self, mean: [Double](repeating: 0, count: count), scale: [Double](repeating: 1, count: count),
      shift: bias.channelNumbers(padded: count), negativeSlope: 1)
  }

  /// Multiplies each channel of feature maps by one number, [N, C, H, W] * [C].
  package func scalingChannels(by factors: Tensor) -> Tensor {
    let count = FeaturePlanes(self).paddedChannels
    return Normalization(like: self, group: .batch).normalized(
      self, mean: [Double](repeating: 0, count: count),
      scale: factors.channelNumbers(padded: count), shift: nil, negativeSlope: 1)
  }

  /// The sum of each channel over images and pixels, [C].
  package func summedOverChannels() -> Tensor {
    let p = FeaturePlanes(self)
    let images = Tensor(uninitialized: [p.batch, p.paddedChannels])
    ckernels_sum_middle(
      rawPointer, p.batch * p.planes, p.height * p.width, p.lanes, elementType.kernel,
      images.mutablePointer)
    return images.summed(along: 0).reshaped(to: [p.paddedChannels]).truncated(to: shape[1])
  }

  /// A vector as the kernels of normalisation take it: in double precision, with zeros behind it for
  /// the channels that only fill the last block.
  package func channelNumbers(padded count: Int) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    withUnsafeFloats { for index in $0.indices { result[index] = Double($0[index]) } }
    return result
  }

  /// The first elements of a vector.
  package func truncated(to count: Int) -> Tensor {
    guard shape.elementCount != count else { return reshaped(to: [count]) }
    var result = Tensor(uninitialized: [count])
    withUnsafeFloats { values in
      result.withUnsafeMutableFloats { _ = $0.update(fromContentsOf: values[..<count]) }
    }
    return result
  }
}

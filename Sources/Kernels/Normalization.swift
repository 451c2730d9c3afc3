import CKernels
package import TensorCore

/// Which images share the statistics of a normalisation.
package enum NormalizationGroup: Sendable {
  /// Each image alone: instance norm.
  case image
  /// The whole batch: batch norm.
  case batch
}

/// Mean and biased variance of channels, [groups, C] each.
package struct Moments: Sendable {
  /// The means.
  package var mean: Tensor
  /// The biased variances.
  package var variance: Tensor
}

/// Normalisation kernels on feature maps of one shape and layout.
///
/// Per-channel arrays are [groups, C], channels that only fill the last block included (zeros).
package struct Normalization {
  private var shape: ckernels_normalization_shape
  private let channelShape: Shape

  /// Prepares the kernels for feature maps like `input`, [N, C, H, W].
  package init(like input: Tensor, group: NormalizationGroup) {
    let p = FeaturePlanes(input)
    let groups = group == .image ? p.batch : 1
    shape = ckernels_normalization_shape(
      batch: p.batch, planes: p.planes, pixels: p.height * p.width, lanes: p.lanes, groups: groups)
    channelShape = [groups, p.paddedChannels]
  }

  /// Values that one channel's mean is taken over.
  package var count: Int { shape.batch / shape.groups * shape.pixels }

  /// Mean and biased variance of each channel.
  package func moments(_ input: Tensor) -> Moments {
    let result = Moments(
      mean: Tensor(uninitialized: channelShape), variance: Tensor(uninitialized: channelShape))
    withUnsafePointer(to: shape) {
      ckernels_moments(
        $0, input.pointer, result.mean.mutablePointer, result.variance.mutablePointer)
    }
    return result
  }

  /// `activation(scale (x - mean) + shift) + addend`, where activation is a leaky ReLU.
  ///
  /// A `negativeSlope` of 1 is no activation, 0 is ReLU.
  package func normalized(
    _ input: Tensor, mean: Tensor, scale: Tensor, shift: Tensor?, negativeSlope: Float,
    addend: Tensor? = nil
  ) -> Tensor {
    let result = Tensor(uninitialized: input.shape, layout: input.layout)
    let addend = addend?.converted(to: input.layout)
    withUnsafePointer(to: shape) {
      ckernels_normalize(
        $0, input.pointer, mean.pointer, scale.pointer, shift?.pointer, negativeSlope,
        addend?.pointer, result.mutablePointer)
    }
    return result
  }

  /// Sums over each group of g and of g (x - mean), where g is the gradient before the activation.
  package func gradientSums(
    _ input: Tensor, mean: Tensor, scale: Tensor, shift: Tensor?, negativeSlope: Float,
    outputGradient: Tensor
  ) -> (gradient: Tensor, gradientTimesDeviation: Tensor) {
    let sums = (Tensor(uninitialized: channelShape), Tensor(uninitialized: channelShape))
    let outputGradient = outputGradient.converted(to: input.layout)
    withUnsafePointer(to: shape) {
      ckernels_normalization_sums(
        $0, input.pointer, mean.pointer, scale.pointer, shift?.pointer, negativeSlope,
        outputGradient.pointer, sums.0.mutablePointer, sums.1.mutablePointer)
    }
    return sums
  }

  /// `scale g - offset - slope (x - mean)`.
  package func inputGradient(
    _ input: Tensor, mean: Tensor, scale: Tensor, shift: Tensor?, negativeSlope: Float,
    outputGradient: Tensor, offset: Tensor, slope: Tensor
  ) -> Tensor {
    let result = Tensor(uninitialized: input.shape, layout: input.layout)
    let outputGradient = outputGradient.converted(to: input.layout)
    withUnsafePointer(to: shape) {
      ckernels_normalization_gradient(
        $0, input.pointer, mean.pointer, scale.pointer, shift?.pointer, negativeSlope,
        outputGradient.pointer, offset.pointer, slope.pointer, result.mutablePointer)
    }
    return result
  }
}

import CKernels
package import TensorCore

/// Which images share the statistics of a normalisation.
package enum NormalizationGroup: Sendable {
  /// Each image alone: instance norm.
  case image
  /// The whole batch: batch norm.
  case batch
}

/// Mean and biased variance of channels, [groups, C] each, in double precision.
///
/// Where a channel has few values or little variance, the gradient of a normalisation is a small
/// difference of large numbers, which the rounding of a float mean or deviation would spoil.
package struct Moments: Sendable {
  /// The means.
  package var mean: [Double]
  /// The biased variances.
  package var variance: [Double]

  /// Collects both.
  package init(mean: [Double], variance: [Double]) {
    (self.mean, self.variance) = (mean, variance)
  }

  /// `1 / sqrt(variance + epsilon)`, [groups, C].
  package func inverseDeviation(epsilon: Double) -> [Double] {
    variance.map { 1 / ($0 + epsilon).squareRoot() }
  }
}

/// Normalisation kernels on feature maps of one shape and layout.
///
/// Per-channel arrays are [groups, C] (shifts [C]), channels that only fill the last block included
/// (zeros).
package struct Normalization {
  private var shape: ckernels_normalization_shape
  private let channelCount: Int

  /// Prepares the kernels for feature maps like `input`, [N, C, H, W].
  package init(like input: Tensor, group: NormalizationGroup) {
    let p = FeaturePlanes(input)
    let groups = group == .image ? p.batch : 1
    shape = ckernels_normalization_shape(
      batch: p.batch, planes: p.planes, pixels: p.height * p.width, lanes: p.lanes, groups: groups,
      element_type: input.elementType.kernel)
    channelCount = groups * p.paddedChannels
  }

  /// Values that one channel's mean is taken over.
  package var count: Int { shape.batch / shape.groups * shape.pixels }

  /// Mean and biased variance of each channel.
  package func moments(_ input: Tensor) -> Moments {
    let (mean, variance) = channelNumbers { shape, mean, variance in
      ckernels_moments(shape, input.rawPointer, mean, variance)
    }
    return Moments(mean: mean, variance: variance)
  }

  /// `activation(scale (x - mean) + shift) + addend`, where activation is a leaky ReLU.
  ///
  /// A `negativeSlope` of 1 is no activation, 0 is ReLU.
  package func normalized(
    _ input: Tensor, mean: [Double], scale: [Double], shift: [Double]?, negativeSlope: Float,
    addend: Tensor? = nil
  ) -> Tensor {
    let result = result(like: input)
    let addend = addend?.converted(like: input)
    KernelProfile.measure(.normalization) {
      withUnsafePointer(to: shape) {
        ckernels_normalize(
          $0, input.rawPointer, mean, scale, shift, negativeSlope, addend?.rawPointer,
          result.mutableRawPointer)
      }
    }
    return result
  }

  /// Sums over each group of g and of g (x - mean), where g is the gradient before the activation.
  package func gradientSums(
    _ input: Tensor, mean: [Double], scale: [Double], shift: [Double]?, negativeSlope: Float,
    outputGradient: Tensor
  ) -> (gradient: [Double], gradientTimesDeviation: [Double]) {
    let outputGradient = outputGradient.converted(like: input)
    return channelNumbers { shape, gradient, gradientTimesDeviation in
      ckernels_normalization_sums(
        shape, input.rawPointer, mean, scale, shift, negativeSlope, outputGradient.rawPointer,
        gradient, gradientTimesDeviation)
    }
  }

  /// `scale g - offset - slope (x - mean)`.
  package func inputGradient(
    _ input: Tensor, mean: [Double], scale: [Double], shift: [Double]?, negativeSlope: Float,
    outputGradient: Tensor, offset: [Double], slope: [Double]
  ) -> Tensor {
    let result = result(like: input)
    let outputGradient = outputGradient.converted(like: input)
    KernelProfile.measure(.normalization) {
      withUnsafePointer(to: shape) {
        ckernels_normalization_gradient(
          $0, input.rawPointer, mean, scale, shift, negativeSlope, outputGradient.rawPointer,
          offset, slope, result.mutableRawPointer)
      }
    }
    return result
  }

  private func result(like input: Tensor) -> Tensor {
    Tensor(uninitialized: input.shape, layout: input.layout, elementType: input.elementType)
  }

  private typealias Kernel = (
    UnsafePointer<ckernels_normalization_shape>, UnsafeMutablePointer<Double>,
    UnsafeMutablePointer<Double>
  ) -> Void

  /// Two numbers for each channel of each group.
  private func channelNumbers(_ kernel: Kernel) -> ([Double], [Double]) {
    var first = [Double](repeating: 0, count: channelCount)
    var second = first
    KernelProfile.measure(.normalization) {
      withUnsafePointer(to: shape) { kernel($0, &first, &second) }
    }
    return (first, second)
  }
}

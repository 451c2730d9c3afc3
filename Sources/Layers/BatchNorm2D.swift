package import Autodiff
import Kernels
package import TensorCore

/// Batch norm with the statistics of the batch, and their running means for later use.
package struct BatchNorm2D: Module {
  /// [C].
  package let weight: Parameter
  /// [C].
  package let bias: Parameter
  /// [C].
  package let runningMean: Buffer
  /// [C], the unbiased estimate.
  package let runningVariance: Buffer

  /// Makes a layer: weight ~ N(1, 0.02), bias 0 (spec/dmfn.md 4.2).
  package init(_ name: String, _ channels: Int, initializer: Initializer) {
    weight = Parameter(
      "\(name).weight",
      initializer.normal("\(name).weight", shape: [channels], mean: 1, deviation: 0.02))
    bias = Parameter("\(name).bias", initializer.zeros([channels]))
    runningMean = Buffer("\(name).running_mean", Tensor(repeating: 0, shape: [channels]))
    runningVariance = Buffer("\(name).running_var", Tensor(repeating: 1, shape: [channels]))
  }

  package var parameters: [Parameter] { [weight, bias] }
  package var buffers: [Buffer] { [runningMean, runningVariance] }

  /// Normalises over the batch and applies a leaky ReLU.
  ///
  /// - Parameters:
  ///   - x: Feature maps, [N, C, H, W], without the bias of the convolution before.
  ///   - negativeSlope: Slope of the leaky ReLU; 1 for no activation.
  ///   - statistics: Receives this batch's mean and unbiased variance of each channel, for the
  ///     running means.
  /// - Returns: [N, C, H, W].
  package func callAsFunction(
    _ x: Variable, negativeSlope: Float, statistics: inout [Tensor]
  ) -> Variable {
    let kernels = Normalization(like: x.value, group: .batch)
    let moments = kernels.moments(x.value)
    let channels = x.shape[1]
    let count = Double(kernels.count)
    let unbiased = moments.variance.map { $0 * count / max(count - 1, 1) }
    for values in [moments.mean, unbiased] {
      statistics.append(Tensor(values.prefix(channels).map { Float($0) }, shape: [channels]))
    }
    return x.batchNormalized(
      moments: moments, weight: weight.variable, bias: bias.variable, negativeSlope: negativeSlope)
  }
}

package import Autodiff
import Kernels
package import TensorCore

/// Batch norm with the statistics of the batch while training, and with their running means in
/// inference.
package struct BatchNorm2D: Module {
  /// [C].
  package let weight: Parameter
  /// [C].
  package let bias: Parameter
  /// [C].
  package let runningMean: Buffer
  /// [C], the unbiased estimate.
  package let runningVariance: Buffer

  /// Makes a layer: weight ~ N(1, 0.02), bias 0 (docs/models/dmfn.md 4.2).
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
      moments: moments, weight: weight.variable, bias: bias.variable, epsilon: Self.epsilon,
      negativeSlope: negativeSlope)
  }

  /// Normalises with the running statistics, as in inference, and applies a leaky ReLU.
  ///
  /// - Formula: `y = weight (x - running_mean) / sqrt(running_var + epsilon) + bias`.
  /// - Parameters:
  ///   - x: Feature maps, [N, C, H, W], without the bias of the convolution before.
  ///   - negativeSlope: Slope of the leaky ReLU; 1 for no activation.
  /// - Returns: [N, C, H, W]; each picture's maps do not depend on the others.
  package func inferred(_ x: Variable, negativeSlope: Float) -> Variable {
    let elementType = x.value.elementType
    let scale =
      weight.variable
      * (Variable(runningVariance.value) + Self.epsilon).squareRoot().reciprocal()
    let shift = bias.variable - Variable(runningMean.value) * scale
    return x.converted(to: .float32).scalingChannels(by: scale).addingToChannels(shift)
      .leakyReLU(negativeSlope: negativeSlope).converted(to: elementType)
  }

  /// Normalises the replicas of this rank over the batch of all replicas and applies a leaky ReLU.
  ///
  /// Sums over pixels are taken for each replica, then added over replicas by `sum`; mean first, then
  /// squared deviations from it. Every replica has the same number of pictures.
  ///
  /// - Parameters:
  ///   - maps: Feature maps of each replica of this rank, [N, C, H, W], without the bias of the
  ///     convolution before.
  ///   - sum: Who adds over replicas.
  ///   - negativeSlope: Slope of the leaky ReLU; 1 for no activation.
  ///   - statistics: Receives mean and unbiased variance of each channel over the whole batch, for
  ///     the running means.
  /// - Returns: [N, C, H, W] for each replica of this rank.
  /// - Reference: Ioffe and Szegedy 2015, arXiv 1502.03167.
  package func callAsFunction(
    _ maps: [Variable], over sum: any ReplicaSum, negativeSlope: Float,
    statistics: inout [Tensor]
  ) -> [Variable] {
    let elementType = maps[0].value.elementType
    // Statistics written with plain operations: rounding in between would spoil them.
    let maps = maps.map { $0.converted(to: .float32) }
    let shape = maps[0].shape
    let count = Float(sum.replicas * shape[0] * shape[2] * shape[3])
    func means(_ maps: [Variable]) -> [Variable] {
      Variable.summedOverReplicas(maps.map { $0.summedOverChannels() }, by: sum)
        .map { $0 * (1 / count) }
    }
    let mean = means(maps)
    let deviations = zip(maps, mean).map { $0.addingToChannels($1 * -1) }
    let variance = means(deviations.map { $0 * $0 })
    statistics.append(mean[0].value)
    statistics.append((variance[0].detached * (count / max(count - 1, 1))).value)
    return maps.indices.map { replica in
      let inverseDeviation = (variance[replica] + Self.epsilon).squareRoot().reciprocal()
      return deviations[replica]
        .scalingChannels(by: weight.variable(ofReplica: replica) * inverseDeviation)
        .addingToChannels(bias.variable(ofReplica: replica))
        .leakyReLU(negativeSlope: negativeSlope)
        .converted(to: elementType)
    }
  }

  /// Added to the variance.
  private static let epsilon: Float = 1e-5
}

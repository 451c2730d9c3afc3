import Autodiff
import Kernels
import Layers
import TensorCore

/// What follows a discriminator's convolutions.
package enum DiscriminatorNorm: String, Sendable, CaseIterable {
  /// Batch norm, as published.
  case batch
  /// Nothing; each weight is divided by its largest singular value.
  case spectral
  /// Nothing.
  case none
}

/// A convolution of a discriminator with what follows it, and a leaky ReLU of slope 0.2.
struct DiscriminatorUnit: Module {
  private static let negativeSlope: Float = 0.2
  private let conv: Conv2D
  private let norm: BatchNorm2D?
  private let isSpectral: Bool

  /// Makes a unit with parameters `name.conv.*` and, with a batch norm, `name.norm.*`.
  init(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, kernelSize: Int = 5,
    stride: Int = 2, norm: DiscriminatorNorm, initializer: Initializer
  ) {
    conv = Conv2D(
      "\(name).conv", inputChannels, outputChannels, kernelSize: kernelSize, stride: stride,
      initializer: initializer)
    self.norm =
      norm == .batch ? BatchNorm2D("\(name).norm", outputChannels, initializer: initializer) : nil
    isSpectral = norm == .spectral
  }

  var parameters: [Parameter] { conv.parameters + (norm?.parameters ?? []) }

  var buffers: [Buffer] { norm?.buffers ?? [] }

  /// The maps of this rank's replicas as parts of one batch.
  ///
  /// Running means leave out the convolution's bias, which stays zero in training because a batch norm
  /// follows.
  ///
  /// - Parameters:
  ///   - maps: [N, C, H, W] for each replica.
  ///   - sum: Who adds batch statistics over replicas; nil for replicas with their own.
  ///   - statistics: Receives mean and unbiased variance where there is a batch norm.
  /// - Returns: [N, O, H', W'] for each replica.
  func callAsFunction(
    _ maps: [Variable], over sum: (any ReplicaSum)?, statistics: inout [Tensor]
  ) -> [Variable] {
    guard let norm else {
      return maps.enumerated().map { activated($1, replica: $0) }
    }
    let convolved = maps.enumerated().map { replica, map in
      conv.withoutBias(map, replica: replica)
    }
    if let sum {
      return norm(
        convolved, over: sum, negativeSlope: Self.negativeSlope, statistics: &statistics)
    }
    return [norm(convolved[0], negativeSlope: Self.negativeSlope, statistics: &statistics)]
  }

  /// The maps of pictures on their own, by running statistics where there is a batch norm.
  func inferred(_ maps: Variable) -> Variable {
    guard let norm else { return activated(maps, replica: 0) }
    return norm.inferred(conv.withoutBias(maps), negativeSlope: Self.negativeSlope)
  }

  private func activated(_ maps: Variable, replica: Int) -> Variable {
    let weight = conv.weight.variable(ofReplica: replica)
    return maps.conv2D(
      weight: isSpectral ? weight.spectrallyNormalized() : weight,
      bias: conv.bias.variable(ofReplica: replica), settings: conv.settings,
      negativeSlope: Self.negativeSlope)
  }
}

import CKernels
package import TensorCore

/// The hyper-parameters of Adam.
package struct AdamSettings: Sendable, Equatable {
  /// Step size before the schedule.
  package var learningRate = 2e-4
  /// Decay of the mean of gradients.
  package var beta1 = 0.5
  /// Decay of the mean of squared gradients.
  package var beta2 = 0.999
  /// Added to the root of the mean square.
  package var epsilon = 1e-8

  /// Makes settings; by default those of the published DMFN training.
  package init(
    learningRate: Double = 2e-4, beta1: Double = 0.5, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }
}

/// Adam over flat memory: one pass over parameters, gradients and both moments.
///
/// - Formula: `m += (1 - beta1) (g - m)`, `v = beta2 v + (1 - beta2) g^2`,
///   `p -= rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon)`.
/// - Reference: Kingma and Ba 2015, arXiv 1412.6980; PyTorch's order of operations.
package struct Adam: Sendable {
  /// The hyper-parameters.
  package let settings: AdamSettings
  /// Decaying mean of gradients, [count].
  package var firstMoment: Tensor
  /// Decaying mean of squared gradients, [count].
  package var secondMoment: Tensor
  /// Number of updates made.
  package var step = 0
  /// Whether every parameter was a finite number after the last update.
  package var parametersAreFinite = true

  /// Starts with zero moments for `count` parameters.
  package init(count: Int, settings: AdamSettings) {
    self.settings = settings
    firstMoment = Tensor(repeating: 0, shape: [count])
    secondMoment = Tensor(repeating: 0, shape: [count])
  }

  /// Makes one update.
  ///
  /// - Parameters:
  ///   - parameters: All parameters, [count]; written in place.
  ///   - gradients: [count].
  ///   - gradientScale: Multiplies every gradient first.
  ///   - learningRate: The step size of this update.
  package mutating func update(
    _ parameters: Tensor, gradients: UnsafePointer<Float>, gradientScale: Float,
    learningRate: Double
  ) {
    step += 1
    var arguments = arguments(learningRate: learningRate, gradientScale: gradientScale)
    parametersAreFinite = ckernels_adam(
      &arguments, gradients, parameters.mutablePointer, firstMoment.mutablePointer,
      secondMoment.mutablePointer, parameters.shape.elementCount)
  }

  /// The norm of what the last update has changed, all parameters together.
  ///
  /// - Parameter learningRate: That of the update.
  /// - Returns: The norm; 0 before the first update.
  package func changeNorm(learningRate: Double) -> Double {
    guard step > 0 else { return 0 }
    var arguments = arguments(learningRate: learningRate, gradientScale: 1)
    return ckernels_adam_change_squared(
      &arguments, firstMoment.pointer, secondMoment.pointer, firstMoment.shape.elementCount
    ).squareRoot()
  }

  private func arguments(learningRate: Double, gradientScale: Float) -> ckernels_adam_settings {
    ckernels_adam_settings(
      learning_rate: Float(learningRate), beta2: Float(settings.beta2),
      epsilon: Float(settings.epsilon), one_minus_beta1: Float(1 - settings.beta1),
      one_minus_beta2: Float(1 - settings.beta2), gradient_scale: gradientScale,
      bias_correction1: Float(1 - power(settings.beta1, step)),
      bias_correction2: Float((1 - power(settings.beta2, step)).squareRoot()))
  }

  /// base^exponent by repeated squaring.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}

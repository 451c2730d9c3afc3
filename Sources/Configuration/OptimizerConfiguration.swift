/// Adam and its schedule, the same for both networks.
package struct OptimizerConfiguration: Codable, Equatable, Sendable {
  /// The learning rate at the start.
  package var learningRate = 2e-4

  /// Decay of the running mean of gradients, in `0..<1`.
  package var beta1 = 0.5

  /// Decay of the running mean of squared gradients, in `0..<1`.
  package var beta2 = 0.999

  /// Added to the root of the mean square.
  package var epsilon = 1e-8

  /// The steps after which the learning rate is multiplied by `decay`, in rising order.
  package var milestones = [100_000]

  /// What the learning rate is multiplied by at each milestone.
  package var decay = 0.5

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case learningRate = "learning_rate"
    case beta1, beta2, epsilon, milestones, decay
  }
}

/// Adam and its schedule, the same for both networks.
package struct OptimizerConfiguration: SettingsSection {
  @Setting("The learning rate at the start.")
  package var learningRate = 2e-4

  @Setting("Decay of the running mean of gradients, from 0 to below 1.")
  package var beta1 = 0.5

  @Setting("Decay of the running mean of squared gradients, from 0 to below 1.")
  package var beta2 = 0.999

  @Setting("Added to the root of the mean square.")
  package var epsilon = 1e-8

  @Setting("The steps after which the learning rate is multiplied by `decay`, in rising order.")
  package var milestones = [100_000]

  @Setting("What the learning rate is multiplied by at each milestone.")
  package var decay = 0.5

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case learningRate = "learning_rate"
    case beta1, beta2, epsilon, milestones, decay
  }
}

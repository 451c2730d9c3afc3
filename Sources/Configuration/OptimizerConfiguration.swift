/// Adam and its schedule, the same for both networks unless the discriminator has its own.
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

  @Setting("Steps over which the learning rate rises evenly from 0; 0 is none.")
  package var warmup = 0

  @Setting("Adam's numbers for the discriminator, or critics, alone.")
  package var discriminator = DiscriminatorOptimizerConfiguration()

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case learningRate = "learning_rate"
    case beta1, beta2, epsilon, milestones, decay, warmup, discriminator
  }
}

/// Adam's numbers for the discriminator, or critics, alone.
package struct DiscriminatorOptimizerConfiguration: SettingsSection {
  @Setting(
    "Whether the numbers beside this one count; else the discriminator has those of the generator.")
  package var separate = false

  @Setting("The learning rate at the start; milestones are those of the generator.")
  package var learningRate = 2e-4

  @Setting("Decay of the running mean of gradients, from 0 to below 1.")
  package var beta1 = 0.5

  @Setting("Decay of the running mean of squared gradients, from 0 to below 1.")
  package var beta2 = 0.999

  @Setting("Steps over which the learning rate rises evenly from 0; 0 is none.")
  package var warmup = 0

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case separate
    case learningRate = "learning_rate"
    case beta1, beta2, warmup
  }
}

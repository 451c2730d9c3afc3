/// Adam and its schedule, the same for both networks unless the discriminator has its own.
package struct OptimizerConfiguration: SettingsSection {
  /// How a learning rate falls.
  package enum Schedule: String, ConfigurationChoice {
    case steps
    case cosine
    case linear

    package var meaning: String {
      switch self {
      case .steps: "multiplied by `decay` at each of `milestones`"
      case .cosine: "along half a period of the cosine, over all of `training.steps`"
      case .linear: "evenly, over all of `training.steps`"
      }
    }
  }

  @Setting("The learning rate at the start.")
  package var learningRate = 2e-4

  @Setting("Decay of the running mean of gradients, from 0 to below 1.")
  package var beta1 = 0.5

  @Setting("Decay of the running mean of squared gradients, from 0 to below 1.")
  package var beta2 = 0.999

  @Setting("Added to the root of the mean square.")
  package var epsilon = 1e-8

  @Setting("How the learning rate falls; all but `steps` fix `training.steps` for the run.")
  package var schedule = Schedule.steps

  @Setting("The share of the learning rate that `cosine` and `linear` leave at the end.")
  package var finalShare = 0.0

  @Setting("The steps after which the learning rate is multiplied by `decay`, in rising order.")
  package var milestones = [100_000]

  @Setting("What the learning rate is multiplied by at each milestone.")
  package var decay = 0.5

  @Setting("Steps over which the learning rate rises evenly from 0; 0 is none.")
  package var warmup = 0

  @Setting(
    """
    The largest norm of all gradients of a network together, over the whole batch; larger ones are \
    scaled down to it. 0 clips none.
    """)
  package var clipNorm = 0.0

  @Setting(
    """
    Names of parameters that stay as they are, for fine-tuning from `model.initial_weights`, such as \
    `generator.encoder.*`; `*` stands for any characters. Their gradients are computed all the same.
    """)
  package var frozen: [String] = []

  @Setting("Adam's numbers for the discriminator, or critics, alone.")
  package var discriminator = DiscriminatorOptimizerConfiguration()

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case learningRate = "learning_rate"
    case beta1, beta2, epsilon, schedule
    case finalShare = "final_share"
    case milestones, decay, warmup
    case clipNorm = "clip_norm"
    case frozen, discriminator
  }
}

/// Adam's numbers for the discriminator, or critics, alone.
package struct DiscriminatorOptimizerConfiguration: SettingsSection {
  /// How its learning rate falls.
  package enum Schedule: String, ConfigurationChoice {
    case same
    case steps
    case cosine
    case linear

    package var meaning: String {
      switch self {
      case .same: "as the generator's, whatever the rates are"
      case .steps, .cosine, .linear:
        OptimizerConfiguration.Schedule(rawValue: rawValue).map(\.meaning) ?? ""
      }
    }
  }

  @Setting(
    "Whether the numbers beside this one count; else the discriminator has those of the generator.")
  package var separate = false

  @Setting("The learning rate at the start.")
  package var learningRate = 2e-4

  @Setting("Decay of the running mean of gradients, from 0 to below 1.")
  package var beta1 = 0.5

  @Setting("Decay of the running mean of squared gradients, from 0 to below 1.")
  package var beta2 = 0.999

  @Setting("How the learning rate falls.")
  package var schedule = Schedule.same

  @Setting("The share of the learning rate that `cosine` and `linear` leave at the end.")
  package var finalShare = 0.0

  @Setting("The steps after which the learning rate is multiplied by `decay`, in rising order.")
  package var milestones: [Int] = []

  @Setting("What the learning rate is multiplied by at each milestone.")
  package var decay = 0.5

  @Setting("Steps over which the learning rate rises evenly from 0; 0 is none.")
  package var warmup = 0

  @Setting("The largest norm of all its gradients together; 0 clips none.")
  package var clipNorm = 0.0

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case separate
    case learningRate = "learning_rate"
    case beta1, beta2, schedule
    case finalShare = "final_share"
    case milestones, decay, warmup
    case clipNorm = "clip_norm"
  }
}

extension OptimizerConfiguration {
  /// Whether a learning rate depends on how many steps there are.
  var followsSteps: Bool {
    schedule != .steps
      || (discriminator.separate && [.cosine, .linear].contains(discriminator.schedule))
  }
}

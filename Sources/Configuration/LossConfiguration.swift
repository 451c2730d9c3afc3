package import Losses

/// The weights of the loss terms.
package struct LossConfiguration: SettingsSection {
  @Setting("Weight of the L1 distance of the pixels.")
  package var pixel = 1.0

  @Setting("Weight of self-guided regression and matching of VGG-19's features.")
  package var feature = 25.0

  @Setting("Weight of the alignment of features' centres.")
  package var alignment = 1.0

  @Setting("Weight of the adversarial loss.")
  package var adversarial = 0.003

  @Setting("Weight of the matching of discriminator features.")
  package var discriminatorFeature = 5.0

  @Setting(
    """
    Weight with which the distance of two fillings of one hole counts against the loss, at the start; \
    without `model.noise` there is one filling.
    """)
  package var diversity = 1.0

  @Setting("Steps over which that weight falls evenly to 0.")
  package var diversitySteps = 100_000

  @Setting(
    """
    Distance of two fillings of one hole, in units of [-1, 1], beyond which it no longer counts; 0 for \
    none.
    """)
  package var diversityLimit = 0.0

  @Setting("Which coordinates of a feature's centre the alignment loss compares.")
  package var alignmentAxes = AlignmentAxes.both

  @Setting("Weight of the spatially discounted L1 distance in the box round the hole.")
  package var discountedL1 = 1.2

  @Setting(
    """
    What the discounted loss is multiplied by with each pixel's distance from the box's sides; 1 \
    weights all pixels of the box alike.
    """)
  package var discount = 0.9

  @Setting("Weight of the L1 distance of known pixels.")
  package var autoencoder = 1.2

  @Setting("Weight of the coarse prediction in the two terms before, where the refined one has 1.")
  package var coarse = 1.2

  @Setting(
    """
    Weight of the critic of the whole picture in the adversarial loss, where that of the box has \
    1.
    """)
  package var globalCritic = 1.0

  @Setting("Weight of the critics' gradient penalty.")
  package var penalty = 10.0

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case pixel, feature, alignment, adversarial
    case discriminatorFeature = "discriminator_feature"
    case diversity
    case diversitySteps = "diversity_steps"
    case diversityLimit = "diversity_limit"
    case alignmentAxes = "alignment_axes"
    case discountedL1 = "discounted_l1"
    case discount, autoencoder, coarse
    case globalCritic = "global_critic"
    case penalty
  }
}

extension LossConfiguration {
  /// The weight of a loss term, which is not negative.
  struct Weight: Sendable {
    /// Its key in the section.
    let key: String
    /// The value.
    let value: @Sendable (LossConfiguration) -> Double
  }

  /// All weights.
  static let weights = [
    Weight(key: "pixel") { $0.pixel },
    Weight(key: "feature") { $0.feature },
    Weight(key: "alignment") { $0.alignment },
    Weight(key: "discriminator_feature") { $0.discriminatorFeature },
    Weight(key: "diversity") { $0.diversity },
    Weight(key: "adversarial") { $0.adversarial },
    Weight(key: "discounted_l1") { $0.discountedL1 },
    Weight(key: "autoencoder") { $0.autoencoder },
    Weight(key: "coarse") { $0.coarse },
    Weight(key: "global_critic") { $0.globalCritic },
    Weight(key: "penalty") { $0.penalty },
  ]
}

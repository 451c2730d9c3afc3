/// What keeps the game between generator and discriminator alive, beyond the published training.
///
/// Each ingredient is explained, with its source and its measured effect, in docs/models/adversarial.md.
package struct AdversarialConfiguration: SettingsSection {
  /// A change of pictures before the discriminator sees them, through which gradients flow.
  package enum Augmentation: String, ConfigurationChoice {
    case color
    case translation
    case cutout

    package var meaning: String {
      switch self {
      case .color: "brightness, saturation and contrast"
      case .translation: "a shift by up to an eighth of the side"
      case .cutout: "a grey square of half the side"
      }
    }
  }

  @Setting(
    """
    Weight of the R1 penalty: half of this times the squared slope of the discriminator at \
    originals; 0 is none.
    """)
  package var r1 = 0.0

  @Setting("Steps from one update by R1 to the next, each with so many times the weight.")
  package var r1Every = 16

  @Setting("What is changed in all pictures that the discriminator sees; empty for nothing.")
  package var augment: [Augmentation] = []

  @Setting(
    "Steps over which the weight of the adversarial loss rises from 0 to `loss.adversarial`; 0 is none."
  )
  package var warmup = 0

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case r1
    case r1Every = "r1_every"
    case augment, warmup
  }
}

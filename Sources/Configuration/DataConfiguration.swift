package import Datasets

/// The pictures to learn from.
package struct DataConfiguration: SettingsSection {
  /// What to do about pictures that cannot be used.
  package enum BadPictures: String, ConfigurationChoice {
    case stop
    case skip

    package var meaning: String {
      switch self {
      case .stop: "the run does not start, and names them"
      case .skip: "the run goes without them, and decodes all pictures before step 1 to find them"
      }
    }
  }

  /// Random changes to the training pictures, all off as published.
  package struct Augmentation: SettingsSection {
    @Setting("Mirrors every other picture left to right.")
    package var flip = false

    @Setting("Cuts the square out of a random place instead of the centre.")
    package var randomCrop = false

    @Setting("Brightness, contrast and saturation are multiplied by up to 1 plus or minus this.")
    package var colorJitter = 0.0

    /// The defaults.
    package init() {}

    private enum CodingKeys: String, CodingKey {
      case flip
      case randomCrop = "random_crop"
      case colorJitter = "color_jitter"
    }
  }

  @Setting("The data folder, relative to the folder that the run is started from.")
  package var root = "data/celeba"

  @Setting("How the data folder is laid out.")
  package var format = DatasetLayout.automatic

  @Setting("Height and width, in pixels, that every picture is resized to.")
  package var side = 256

  @Setting(
    "Side, in pixels, of the centred square cut out before resizing; 0 is the largest square.")
  package var crop = 178

  @Setting("Threads of each rank that decode pictures ahead of training.")
  package var workers = 1

  @Setting("Random changes to the training pictures.")
  package var augmentation = Augmentation()

  @Setting(
    "Conditions on CelebA's attributes that all pictures meet, such as `Smiling=1` or `Male=0`.")
  package var select: [String] = []

  @Setting(
    """
    Share of CelebA's persons for validation, and the same again for test; 0 keeps the published \
    parts, which may show one person in two of them.
    """)
  package var heldOutIdentities = 0.0

  @Setting("What to do about pictures and mask pictures that cannot be used.")
  package var onBadImage = BadPictures.stop

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case root, format, side, crop, workers, augmentation, select
    case heldOutIdentities = "held_out_identities"
    case onBadImage = "on_bad_image"
  }
}

/// The pictures to learn from.
package struct DataConfiguration: Codable, Equatable, Sendable {
  /// How the data folder is laid out.
  package enum Format: String, ConfigurationChoice {
    /// `shards` or `celeba` where the folder looks like it, else `folder`.
    case auto
    /// The published CelebA folder, with its official partition.
    case celeba
    /// Any folder of JPEG or PNG files.
    case folder
    /// What `inpaint pack` made of either.
    case shards
  }

  /// What to do about pictures that cannot be used.
  package enum BadPictures: String, ConfigurationChoice {
    /// The run does not start, and the pictures are named.
    case stop
    /// The run goes without them: every picture is decoded before step 1 to find them.
    case skip
  }

  /// Random changes to the training pictures, all off as published.
  package struct Augmentation: Codable, Equatable, Sendable {
    /// Mirrors every other picture left to right.
    package var flip = false

    /// Cuts the square out of a random place instead of the centre.
    package var randomCrop = false

    /// Brightness, contrast and saturation are multiplied by up to 1 plus or minus this.
    package var colorJitter = 0.0

    /// The defaults.
    package init() {}

    private enum CodingKeys: String, CodingKey {
      case flip
      case randomCrop = "random_crop"
      case colorJitter = "color_jitter"
    }
  }

  /// The data folder, relative to the folder that the run is started from.
  package var root = "data/celeba"

  /// How the data folder is laid out.
  package var format = Format.auto

  /// Height and width, in pixels, that every picture is resized to.
  package var side = 256

  /// Side, in pixels, of the centred square cut out before resizing; 0 is the largest square.
  package var crop = 178

  /// Threads of each rank that decode pictures ahead of training.
  package var workers = 1

  /// Random changes to the training pictures.
  package var augmentation = Augmentation()

  /// Conditions on CelebA's attributes that all pictures meet, such as `Smiling=1` or `Male=0`.
  package var select: [String] = []

  /// Share of CelebA's persons for validation, and the same again for test; 0 keeps the published
  /// parts, which may show one person in two of them.
  package var heldOutIdentities = 0.0

  /// What to do about pictures and mask pictures that cannot be used.
  package var onBadImage = BadPictures.stop

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case root, format, side, crop, workers, augmentation, select
    case heldOutIdentities = "held_out_identities"
    case onBadImage = "on_bad_image"
  }
}

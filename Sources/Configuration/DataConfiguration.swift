/// The pictures to learn from.
package struct DataConfiguration: Codable, Equatable, Sendable {
  /// How the data folder is laid out.
  package enum Format: String, ConfigurationChoice {
    /// `celeba` where the folder looks like it, else `folder`.
    case auto
    /// The published CelebA folder, with its official partition.
    case celeba
    /// Any folder of JPEG or PNG files.
    case folder
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

  /// The defaults.
  package init() {}

}

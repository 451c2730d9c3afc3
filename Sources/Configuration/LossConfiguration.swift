/// The weights of the loss terms.
package struct LossConfiguration: Codable, Equatable, Sendable {
  /// Which coordinates of a feature's centre the alignment loss compares.
  package enum AlignmentAxes: String, ConfigurationChoice {
    /// Horizontal and vertical.
    case both
    /// The horizontal one twice, a slip of the published code (spec/dmfn.md 3.4 [C]).
    case horizontalTwice = "horizontal_twice"
  }

  /// Weight of the L1 distance of the pixels.
  package var pixel = 1.0

  /// Weight of the self-guided regression and feature matching.
  package var feature = 25.0

  /// Weight of the geometrical alignment.
  package var alignment = 1.0

  /// Weight of the relativistic average adversarial loss.
  package var adversarial = 0.003

  /// Weight of the matching of discriminator features.
  package var discriminatorFeature = 5.0

  /// Which coordinates of a feature's centre the alignment loss compares.
  package var alignmentAxes = AlignmentAxes.both

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case pixel, feature, alignment, adversarial
    case discriminatorFeature = "discriminator_feature"
    case alignmentAxes = "alignment_axes"
  }
}

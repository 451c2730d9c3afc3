package import Models

/// The VGG-19 features that the feature and alignment losses compare.
package struct PerceptualConfiguration: SettingsSection {
  /// A feature map of VGG-19, taken after its ReLU.
  package enum Layer: String, ConfigurationChoice {
    case relu1 = "relu1_1"
    case relu2 = "relu2_1"
    case relu3 = "relu3_1"
    case relu4 = "relu4_1"
    case relu5 = "relu5_1"

    /// Place in the order of depth, from 0.
    package var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package var meaning: String {
      switch self {
      case .relu1: "at full resolution, 64 channels"
      case .relu2: "at 1/2, 128 channels"
      case .relu3: "at 1/4, 256 channels"
      case .relu4: "at 1/8, 512 channels"
      case .relu5: "at 1/16, 512 channels"
      }
    }
  }

  /// Where the weights of VGG-19 come from.
  package enum WeightSource: String, Sendable {
    /// Nowhere: the feature and alignment losses are left out.
    case none
    /// Random numbers, for measuring speed.
    case random
    /// The file that `weights` names.
    case file
  }

  @Setting(
    """
    Weights of VGG-19 with torchvision's names: a file, `random`, or empty for no such loss. A \
    file that stops early gives the features that it has; losses of later ones are left out.
    """)
  package var weights = ""

  @Setting("How pictures are brought to what VGG-19 was trained on.")
  package var normalisation = VGGNormalization.exact

  @Setting("The features that are compared element by element.")
  package var featureLayers = Layer.allCases

  @Setting("Those of them that are compared more strictly where the picture is still wrong.")
  package var guidedLayers = [Layer.relu1, .relu2]

  @Setting("The features whose centres are compared.")
  package var alignmentLayer = Layer.relu4

  /// Where the weights of VGG-19 come from.
  package var weightSource: WeightSource {
    switch weights {
    case "": .none
    case "random": .random
    default: .file
    }
  }

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case weights, normalisation
    case featureLayers = "feature_layers"
    case guidedLayers = "guided_layers"
    case alignmentLayer = "alignment_layer"
  }
}

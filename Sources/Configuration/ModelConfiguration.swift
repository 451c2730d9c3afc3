package import Models

/// The networks.
package struct ModelConfiguration: SettingsSection {
  /// Which family of networks is trained.
  package enum Kind: String, ConfigurationChoice {
    case dmfn
    case deepfill
    case dcgan

    package var meaning: String {
      switch self {
      case .dmfn: "the dense multi-scale fusion network"
      case .deepfill:
        "DeepFill v1, a coarse network and contextual attention, trained by Wasserstein critics"
      case .dcgan: "DCGAN, which makes faces from random vectors and fills no holes"
      }
    }
  }

  @Setting("Which family of networks is trained.")
  package var kind = Kind.dmfn

  @Setting("Which fusion block the generator is made of.")
  package var block = FusionBlockKind.paper

  @Setting(
    """
    Channels of the generator's first layer; all other layers are multiples of it. The first layer \
    of the discriminator has as many, that of DeepFill's critics twice as many. DCGAN's generator runs \
    the other way: so many channels belong to its last layer but one.
    """)
  package var width = 64

  @Setting("Number of fusion blocks.")
  package var blocks = 8

  @Setting(
    """
    Adds contextual attention after the last fusion block of DMFN's generator: our own, neither \
    paper nor published code has it.
    """)
  package var attention = false

  @Setting(
    """
    Numbers of the random vector that tells fillings of one hole apart, such as 16; 0 makes one \
    filling, as published. It is our own: neither paper nor published code has it.
    """)
  package var noise = 0

  @Setting(
    """
    How the generator's picture and the known pixels become one picture, in training, scores and \
    sample sheets.
    """)
  package var composite = CompositeKind.plain

  @Setting("How the decoder of DMFN's generator doubles height and width.")
  package var upsampling = UpsamplingKind.transposed

  @Setting("Which discriminator DMFN is trained with.")
  package var discriminator = DiscriminatorKind.dmfn

  @Setting("What follows the convolutions of DMFN's discriminator.")
  package var discriminatorNorm = DiscriminatorNorm.batch

  @Setting("Which of the two known codes the networks and losses of DeepFill follow.")
  package var compat = DeepFillConvention.tf

  @Setting("Numbers of the random vector that DCGAN makes a picture from.")
  package var latent = 100

  @Setting("A file of the generator's weights that a new run starts from; empty draws them.")
  package var initialWeights = ""

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case kind, block, width, blocks, attention, noise, composite, upsampling, discriminator
    case discriminatorNorm = "discriminator_norm"
    case compat, latent
    case initialWeights = "initial_weights"
  }
}

/// The networks.
package struct ModelConfiguration: Codable, Equatable, Sendable {
  /// Which family of networks is trained.
  package enum Kind: String, ConfigurationChoice {
    /// Dense multi-scale fusion network.
    case dmfn
    /// Coarse network and refinement with contextual attention, trained with Wasserstein critics.
    case deepfill
  }

  /// Which of the two known codes the networks and losses of DeepFill follow.
  package enum Convention: String, ConfigurationChoice {
    /// The PyTorch port.
    case torch
    /// The TensorFlow code.
    case tf
  }

  /// Which of the two known fusion blocks the generator is made of.
  package enum Block: String, ConfigurationChoice {
    /// The block of the paper, with a convolution after each sum of branches.
    case paper
    /// The block of the published weights.
    case released
  }

  /// Which family of networks is trained.
  package var kind = Kind.dmfn

  /// Which fusion block the generator is made of.
  package var block = Block.paper

  /// Channels of the generator's first layer; all other layers are multiples of it.
  ///
  /// The first layer of the discriminator has as many, that of DeepFill's critics twice as many.
  package var width = 64

  /// Number of fusion blocks.
  package var blocks = 8

  /// Adds contextual attention after the last fusion block of DMFN's generator: our own, neither paper
  /// nor published code has it.
  package var attention = false

  /// Which of the two known codes the networks and losses of DeepFill follow.
  package var compat = Convention.tf

  /// A file of the generator's weights that a new run starts from; empty draws them.
  package var initialWeights = ""

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case kind, block, width, blocks, attention, compat
    case initialWeights = "initial_weights"
  }
}

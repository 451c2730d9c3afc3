/// The networks.
package struct ModelConfiguration: Codable, Equatable, Sendable {
  /// Which family of networks is trained.
  package enum Kind: String, ConfigurationChoice {
    /// Dense multi-scale fusion network.
    case dmfn
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

  /// Channels of the first layer of both networks; all other layers are multiples of it.
  package var width = 64

  /// Number of fusion blocks.
  package var blocks = 8

  /// The defaults.
  package init() {}
}

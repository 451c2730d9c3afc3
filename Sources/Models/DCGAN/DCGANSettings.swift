/// The size of a DCGAN: generator and discriminator mirror each other.
package struct DCGANSettings: Equatable, Sendable {
  /// Channels of the maps of half the picture's side; each halving doubles them.
  package var width = 64
  /// Numbers of a latent vector.
  package var latent = 100
  /// Height and width of the pictures: one of `sides`.
  package var side = 64

  /// Sides that there are networks for.
  package static let sides = [32, 64, 128]

  /// The published networks, at 64 pixels.
  ///
  /// - Precondition: All three are positive, and `side` is one of `sides`.
  package init(width: Int = 64, latent: Int = 100, side: Int = 64) {
    precondition(width > 0 && latent > 0, "a DCGAN of width \(width) with \(latent) numbers")
    precondition(Self.sides.contains(side), "there is no DCGAN for \(side) pixels")
    (self.width, self.latent, self.side) = (width, latent, side)
  }

  /// How often the generator doubles height and width, beginning with 4: 4 at 64 pixels.
  var doublings: Int { (side / 4).trailingZeroBitCount }

  /// Channels of the maps from 4 to `side / 2` pixels: 512, 256, 128, 64 for the published networks.
  package var channels: [Int] { (0..<doublings).map { width << (doublings - 1 - $0) } }
}

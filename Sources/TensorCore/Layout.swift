/// How the elements of a tensor lie in memory.
package enum Layout: Hashable, Sendable {
  /// Row-major in the order of the axes: [N, C, H, W] with W contiguous.
  case plain
  /// Channels in blocks of `block`: [N, C / block, H, W, block], oneDNN's nChw8c and nChw16c.
  ///
  /// The channels of the last block that do not exist hold zeros; every operation keeps them zero.
  case blocked(Int)

  /// Channels that lie together in memory: 1 in the plain layout.
  package var channelBlock: Int {
    switch self {
    case .plain: 1
    case .blocked(let block): block
    }
  }
}

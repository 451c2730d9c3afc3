import Autodiff
import Layers
import TensorCore

/// What turns a vector of noise into a scale and a shift of each channel after each fusion block.
///
/// Two layers of 64 numbers with ReLU, then one for each block that starts as zero: at first scales are 1 and
/// shifts 0, whatever the vector, so that weights without noise fill as before. It is our own: neither paper
/// nor published code has noise.
///
/// - Reference: after Karras et al. 2019, arXiv 1812.04948, section 2; docs/models/dmfn.md.
struct NoiseNetwork: Module {
  private static let width = 64
  /// Numbers of a vector.
  let count: Int
  let layers: [Linear]
  /// One for each block: [2 C, 64], scales less 1 before shifts.
  let heads: [Linear]

  /// Makes a network for blocks on so many channels.
  init(count: Int, blocks: Int, channels: Int, initializer: Initializer) {
    self.count = count
    layers = [
      Linear("noise.0", count, Self.width, initializer: initializer),
      Linear("noise.2", Self.width, Self.width, initializer: initializer),
    ]
    heads = (0..<blocks).map {
      Linear(
        "noise.heads.\($0)", weight: Tensor(repeating: 0, shape: [2 * channels, Self.width]))
    }
  }

  var parameters: [Parameter] { (layers + heads).flatMap(\.parameters) }

  /// The hidden numbers of vectors, [N, 64] for [N, count].
  func hidden(_ vectors: Tensor) -> Variable {
    precondition(
      vectors.shape.dimensions == [vectors.shape[0], count],
      "noise is [N, \(count)], not \(vectors.shape)")
    return layers.reduce(Variable(vectors)) { $1($0).relu() }
  }

  /// The maps of a block, [N, C, H, W], modulated by hidden numbers.
  func modulated(_ maps: Variable, block: Int, by hidden: Variable) -> Variable {
    let numbers = heads[block](hidden)
    let (images, channels) = (maps.shape[0], maps.shape[1])
    let pair = numbers.reshaped(to: [images, 2 * channels, 1, 1])
    func part(_ range: Range<Int>) -> Variable {
      pair.channels(range).reshaped(to: [images, channels])
    }
    return maps.modulatingChannels(
      scale: part(0..<channels) + 1, shift: part(channels..<2 * channels))
  }
}

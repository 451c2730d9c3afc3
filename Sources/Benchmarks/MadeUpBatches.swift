import Configuration
import Datasets
import Images
import TensorCore

/// Noise with centred holes, in the place of pictures that would have to be read.
struct MadeUpBatches {
  private let configuration: RunConfiguration

  /// Makes batches of a configuration's size.
  init(_ configuration: RunConfiguration) { self.configuration = configuration }

  /// The batch of a replica, always the same.
  func batch(replica: Int) -> ReplicaBatch {
    let side = configuration.data.side
    let count = configuration.training.updateBatch / configuration.training.partCount
    var random = CounterBasedRandom(seed: configuration.seed, purpose: .test, sample: replica)
    let images = Tensor(
      (0..<count * 3 * side * side).map { _ in random.uniform(-1, 1) },
      shape: [count, 3, side, side])
    let hole = RectangleMask.centre.mask(
      for: MaskSubject(width: side, height: side), using: &random)
    return ReplicaBatch(
      replica: replica, images: images,
      masks: Tensor(holes: Array(repeating: hole, count: count)),
      boxes: Array(repeating: hole.box, count: count), sampleIndices: Array(0..<count),
      names: Array(repeating: "noise", count: count))
  }
}

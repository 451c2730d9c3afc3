import Datasets
import Foundation
import Images
import TensorCore
import Testing

/// What training sees does not depend on where the images lie.
@Suite struct ShardBatchesTests {
  /// The bytes of the batches of some ranks, all of them in replica order.
  private func batches(
    _ root: String, workers: Int, worldSize: Int, augmentation: Augmentation
  ) throws -> [[UInt8]] {
    let source = try openImageSource(root: root, split: .train, annotations: [.landmarks])
    let sampler = ShardedSampler(
      datasetCount: source.count, globalBatchSize: 8, replicas: 4, seed: 9)
    let transform = SampleTransform(
      side: 16, crop: 20, augmentation: augmentation,
      masks: MixedMask([(FacePartMask(), 1), (RectangleMask(), 1)]), seed: 9)
    let loaders = (0..<worldSize).map {
      BatchLoader(
        source: source, sampler: sampler, transform: transform, rank: $0, worldSize: worldSize,
        settings: LoaderSettings(workerCount: workers, cacheLimitBytes: 0))
    }
    var found: [[UInt8]] = []
    for _ in 0..<8 {
      for loader in loaders { found += try loader.next().map(bytes) }
    }
    return found
  }

  /// All that a batch holds.
  private func bytes(of batch: ReplicaBatch) -> [UInt8] {
    var bytes: [UInt8] = []
    for numbers in [batch.images.elements, batch.masks.elements] {
      numbers.withUnsafeBytes { bytes += $0 }
    }
    for box in batch.boxes { bytes += [UInt8(box.top), UInt8(box.left)] }
    for name in batch.names { bytes += Array(name.utf8) }
    return bytes
  }

  @Test(arguments: [
    Augmentation.none,
    Augmentation(flipsHorizontally: true, cropsRandomly: true, colorJitter: 0.2),
  ]) func folderAndShardsGiveTheSameBytes(augmentation: Augmentation) throws {
    let folder = try TemporaryFolder()
    try folder.writeAnnotatedCelebA(count: 40)
    try folder.pack("celeba", to: "packed", .shards(of: 30_000))
    let expected = try batches(
      "\(folder.path)/celeba", workers: 1, worldSize: 1, augmentation: augmentation)
    #expect(Set(expected).count > 16)
    for root in ["celeba", "packed"] {
      for (workers, worldSize) in [(1, 1), (4, 1), (1, 4), (4, 4)] {
        let found = try batches(
          "\(folder.path)/\(root)", workers: workers, worldSize: worldSize,
          augmentation: augmentation)
        #expect(found == expected, "\(root), \(workers) threads, \(worldSize) ranks")
      }
    }
  }
}

import Images
import TensorCore

/// The batches of one step while workers fill them.
///
/// Workers write the pixels of different samples to different places at the same time; all else is
/// read and written under the loader's lock.
final class PendingStep: @unchecked Sendable {
  /// One sample: where it stands in the step, and which it is.
  struct Task {
    /// Place among the samples of this rank.
    let place: Int
    /// The sample.
    let reference: SampleReference
  }

  /// Samples that no worker has finished.
  private(set) var unfinishedCount: Int
  private let step: Int
  private let references: [SampleReference]
  private let replicas: Range<Int>
  private let side: Int
  private let images: [Tensor]
  private let masks: [Tensor]
  /// The local crop of each finished sample.
  private var boxes: [Rectangle?]
  private var failure: (place: Int, error: any Error)?
  private var claimedCount = 0

  /// Makes the batches of a step for the replicas of a rank, their pixels still undefined.
  init(step: Int, sampler: ShardedSampler, replicas: Range<Int>, side: Int) {
    self.step = step
    self.replicas = replicas
    self.side = side
    references = replicas.flatMap { sampler.samples(step: step, replica: $0) }
    let count = sampler.replicaBatchSize
    images = replicas.map { _ in Tensor(uninitialized: [count, 3, side, side]) }
    masks = replicas.map { _ in Tensor(uninitialized: [count, 1, side, side]) }
    boxes = Array(repeating: nil, count: references.count)
    unfinishedCount = references.count
  }

  /// The next sample that no worker has taken; nil where there is none; needs the lock.
  func claim() -> Task? {
    guard claimedCount < references.count else { return nil }
    defer { claimedCount += 1 }
    return Task(place: claimedCount, reference: references[claimedCount])
  }

  /// Writes the pixels of a sample to their place; needs no lock.
  func write(_ sample: SampleTransform.Sample, at place: Int) {
    let replicaBatchSize = references.count / replicas.count
    let (replica, row) = place.quotientAndRemainder(dividingBy: replicaBatchSize)
    let area = side * side
    sample.image.writePlanes(
      to: UnsafeMutableBufferPointer(
        start: images[replica].mutablePointer + row * 3 * area, count: 3 * area))
    let plane = masks[replica].mutablePointer + row * area
    for (pixel, value) in sample.hole.values.enumerated() { plane[pixel] = Float(value) }
  }

  /// Notes that a sample is in its place, or why not; needs the lock.
  ///
  /// Of several errors that of the first place counts, whichever worker was faster.
  func finish(_ place: Int, _ result: Result<Rectangle, any Error>) {
    unfinishedCount -= 1
    switch result {
    case .success(let box): boxes[place] = box
    case .failure(let error):
      if failure.map({ place < $0.place }) ?? true { failure = (place, error) }
    }
  }

  /// The batches, in replica order; needs the lock, and every sample finished.
  ///
  /// - Throws: What went wrong with the first sample that failed.
  func batches(of source: any ImageSource) throws -> [ReplicaBatch] {
    precondition(unfinishedCount == 0, "\(unfinishedCount) samples of a batch are not finished")
    if let failure { throw failure.error }
    let finished = Array(zip(references, boxes.compactMap(\.self)))
    let count = references.count / max(1, replicas.count)
    return zip(replicas, zip(images, masks)).enumerated().map { offset, element in
      let rows = finished[offset * count..<(offset + 1) * count]
      return ReplicaBatch(
        replica: element.0, number: step, images: element.1.0, masks: element.1.1,
        boxes: rows.map { $1 },
        sampleIndices: rows.map { $0.0.sampleIndex },
        names: rows.map { source.name(of: $0.0.sampleIndex) })
    }
  }
}

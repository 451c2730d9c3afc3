import Dispatch
import Images
import Synchronization

/// Packs a folder of images into a few large tar archives with an index.
///
/// The archives follow WebDataset: `000001.jpg` beside `000001.json`, one after another in the order of
/// the source, a set of archives for each part. Every image is decoded on the way. What was interrupted
/// goes on with the first archive that is not finished, and ends with the same bytes.
package struct ShardPacker: Sendable {
  /// How images are packed.
  package struct Settings: Hashable, Sendable {
    /// Archives are no larger than this, unless one image is.
    package var shardByteLimit = 512 << 20
    /// Cuts and resizes every image; nil stores the bytes of the source.
    package var preparation: PackPreparation?
    /// Whether an image that does not decode ends the packing or is left out.
    package var damagedImages = DamagedImages.stop

    /// Bytes as published, 512 MiB an archive; damaged images end the packing.
    package init() {}
  }

  /// What to do about an image that does not decode.
  package enum DamagedImages: String, Sendable {
    /// It ends the packing.
    case stop
    /// It is left out and told of.
    case skip
  }

  /// What a pack consists of.
  package struct Report: Sendable {
    /// Images in the archives.
    package var imageCount = 0
    /// Archives.
    package var shardCount = 0
    /// Size of all archives.
    package var byteCount = 0
    /// Why images were left out.
    package var skipped: [String] = []
    /// Images that an earlier run had packed.
    package var earlierImageCount = 0
  }

  /// Where an unfinished pack keeps what is in work.
  static let workFolderName = PackFolder.workFolderName

  private let plan: PackPlan
  private let destination: String

  /// Opens a folder to pack.
  ///
  /// - Parameters:
  ///   - source: A CelebA folder or any folder of images.
  ///   - layout: How the folder is laid out.
  ///   - destination: The folder to make, or to go on with.
  ///   - settings: How images are packed.
  /// - Throws: `DatasetError` where the source cannot be used.
  package init(
    source: String, layout: DatasetLayout = .automatic, destination: String,
    settings: Settings = Settings()
  ) throws {
    plan = try PackPlan(source: source, layout: layout, settings: settings)
    self.destination = destination
  }

  /// Number of images in the source.
  package var imageCount: Int { plan.listing.names.count }

  /// Packs what is not packed yet.
  ///
  /// - Parameters:
  ///   - isStopped: Asked now and then; true ends the packing, to be taken up by another run.
  ///   - progress: Is told the number of images that are done.
  /// - Returns: What was packed; nil where it was stopped.
  /// - Throws: `ImageError` or `DatasetError` naming the file, what is wrong and what to do.
  package func run(
    isStopped: () -> Bool = { false }, progress: (_ finished: Int) -> Void = { _ in }
  ) throws -> Report? {
    let folder = PackFolder(path: destination)
    if let index = try folder.holds(plan) { return Report(complete: index) }
    try folder.begin(plan)
    var records: [PackFolder.Record] = []
    var report = Report()
    var finished = 0
    for group in plan.groups {
      var (first, number) = (0, 0)
      while first < group.indices.count {
        let name = shardName(group.name, number)
        let record: PackFolder.Record
        if let earlier = folder.record(ofShard: name, first: first) {
          record = earlier
          report.earlierImageCount += record.indices.count
        } else {
          let new = try pack(
            group, first: first, into: name, folder, isStopped: isStopped,
            progress: { progress(finished + $0) })
          guard let new else { return nil }
          record = new
        }
        records.append(record)
        finished += record.end - first
        progress(finished)
        (first, number) = (record.end, number + 1)
      }
    }
    report.skipped = records.flatMap(\.skipped)
    let index = try index(of: records)
    try folder.commit(index, of: plan)
    report.imageCount = index.samples.count
    report.shardCount = index.shards.count
    report.byteCount = index.shards.reduce(0) { $0 + $1.byteCount }
    return report
  }

  private func shardName(_ group: String, _ number: Int) -> String {
    let digits = String(number)
    return "\(group)-\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits).tar"
  }

  /// Writes one shard; nil where the packing was stopped.
  private func pack(
    _ group: (name: String, indices: [Int]), first: Int, into name: String, _ folder: PackFolder,
    isStopped: () -> Bool, progress: (Int) -> Void
  ) throws -> PackFolder.Record? {
    let writer = try ShardWriter(path: folder.workPath(ofShard: name))
    var record = PackFolder.Record(
      shard: ShardIndex.Shard(name: name, byteCount: 0), first: first, end: first)
    let chunkSize = 64
    filling: while record.end < group.indices.count {
      if isStopped() { return nil }
      let chunk = group.indices[record.end..<min(record.end + chunkSize, group.indices.count)]
      for (index, result) in zip(chunk, samples(chunk, group: group.name)) {
        switch result {
        case .success(let sample):
          let size =
            ShardWriter.byteCount(ofMember: sample.image.count)
            + ShardWriter.byteCount(ofMember: sample.description.count)
          if writer.byteCount > 0,
            writer.byteCount + size + TarHeader.end.count > plan.settings.shardByteLimit
          {
            break filling
          }
          record.indices.append(index)
          record.samples.append(try append(sample, index, to: writer))
        case .failure(let error as ImageError)
        where plan.settings.damagedImages == .skip && error.isDamage:
          record.skipped.append(error.description)
        case .failure(let error):
          throw error
        }
        record.end += 1
      }
      progress(record.end - first)
    }
    try writer.finish()
    record.shard.byteCount = writer.byteCount
    try folder.commit(record)
    return record
  }

  /// Prepares images on all processors; results are in the order of the images.
  private func samples(
    _ indices: ArraySlice<Int>, group: String
  ) -> [Result<PackedSample, any Error>] {
    let results = Mutex([Result<PackedSample, any Error>?](repeating: nil, count: indices.count))
    DispatchQueue.concurrentPerform(iterations: indices.count) { place in
      let result = Result { try plan.sample(indices[indices.startIndex + place], group: group) }
      results.withLock { $0[place] = result }
    }
    return results.withLock { $0.compactMap(\.self) }
  }

  private func append(
    _ sample: PackedSample, _ index: Int, to writer: ShardWriter
  ) throws -> ShardIndex.Sample {
    let key = plan.memberKeys[index]
    return ShardIndex.Sample(
      shard: 0,
      image: try writer.append(
        name: "\(key).\(plan.memberExtension(of: index))", sample.image),
      description: try writer.append(name: "\(key).json", sample.description),
      width: UInt32(sample.width), height: UInt32(sample.height))
  }

  /// The index of all shards, its images in the order of the source.
  private func index(of records: [PackFolder.Record]) throws -> ShardIndex {
    var places: [(index: Int, sample: ShardIndex.Sample)] = []
    for (number, record) in records.enumerated() {
      for (index, sample) in zip(record.indices, record.samples) {
        var sample = sample
        sample.shard = UInt32(number)
        places.append((index, sample))
      }
    }
    places.sort { $0.index < $1.index }
    guard !places.isEmpty else {
      throw DatasetError(
        .noImages, plan.source.summary, "none of the images decodes", remedy: "check the folder")
    }
    let kept = places.map(\.index)
    var listing = plan.listing
    listing.names = kept.map { listing.names[$0] }
    if !listing.parts.isEmpty { listing.parts = kept.map { plan.listing.parts[$0] } }
    listing.annotations.keep(kept)
    return ShardIndex(
      kind: plan.kind, preparation: plan.settings.preparation, shards: records.map(\.shard),
      samples: places.map(\.sample), listing: listing)
  }
}

extension ShardPacker.Report {
  /// The report of a pack that was there already.
  fileprivate init(complete index: ShardIndex) {
    imageCount = index.samples.count
    shardCount = index.shards.count
    byteCount = index.shards.reduce(0) { $0 + $1.byteCount }
    earlierImageCount = imageCount
  }
}

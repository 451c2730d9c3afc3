/// Prepares the batches of one rank ahead of training, on threads of its own.
///
/// What a batch holds is a function of source, sampler, transform and step: neither the number of
/// threads nor their timing nor the first step changes it. `next()` is for one thread at a time.
package final class BatchLoader: Sendable {
  private let work: LoaderWork

  /// Starts preparing the batches of a rank.
  ///
  /// - Parameters:
  ///   - source: The images.
  ///   - sampler: Which image belongs to which step and replica.
  ///   - transform: What is done to each image, and the holes.
  ///   - rank: This rank.
  ///   - worldSize: Number of ranks.
  ///   - firstStep: The step that the first call of `next()` gives, from 0.
  ///   - settings: Threads, queue, cache.
  /// - Precondition: The sampler was made for as many samples as the source has.
  package init(
    source: any ImageSource, sampler: ShardedSampler, transform: SampleTransform, rank: Int = 0,
    worldSize: Int = 1, firstStep: Int = 0, settings: LoaderSettings = LoaderSettings()
  ) {
    precondition(
      sampler.datasetCount == source.count,
      "a sampler of \(sampler.datasetCount) samples for a source of \(source.count)")
    work = LoaderWork(
      preparation: SamplePreparation(source: source, transform: transform, settings: settings),
      sampler: sampler, replicas: sampler.replicas(ofRank: rank, worldSize: worldSize),
      firstStep: firstStep, queueDepth: settings.queueDepth)
    work.start(workerCount: settings.workerCount)
  }

  deinit {
    work.stop()
  }

  /// The batches of this rank's replicas for the next step, in replica order.
  ///
  /// - Throws: What went wrong with an image of the step, naming its file, now and at every later
  ///   call; `DatasetError` after `stop()`.
  package func next() throws -> [ReplicaBatch] { try work.next() }

  /// Waits until the first batch that has not been asked for is ready.
  ///
  /// - Throws: The error that `next()` would throw.
  package func waitUntilReady() throws { try work.waitUntilReady() }

  /// Bytes of the resized images that are kept in memory once every one was seen; 0 where none are.
  package var cacheByteCount: Int { work.preparation.cacheByteCount }

  /// Ends the threads; a batch in work is given up, and a second call does nothing.
  package func stop() { work.stop() }

  /// What the loader has done so far.
  package var statistics: LoaderStatistics { work.statistics }
}

/// What a loader has done so far.
package struct LoaderStatistics: Sendable {
  /// Steps given out.
  package var steps = 0
  /// Images given out.
  package var images = 0
  /// Seconds that `next()` waited for workers.
  package var waitSeconds = 0.0
}

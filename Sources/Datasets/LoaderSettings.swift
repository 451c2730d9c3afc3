/// How a loader works; none of it changes what a batch holds, except what happens to a damaged
/// image.
package struct LoaderSettings: Hashable, Sendable {
  /// What to do about an image that does not decode.
  package enum DamagedImagePolicy: String, Sendable {
    /// The error reaches whoever asks for the batch.
    case stop
    /// The next image of the source that decodes takes its place, and is counted.
    ///
    /// The replacement depends on the source alone, so that all ranks and all later runs agree. An
    /// image that cannot be read at all is an error nevertheless, since another rank might read it.
    case skip
  }

  /// Threads that prepare images.
  package var workerCount: Int
  /// Steps that are prepared ahead at most.
  package var queueDepth: Int
  /// What to do about an image that does not decode.
  package var damagedImages: DamagedImagePolicy
  /// Decoded and resized images are kept in memory where the whole source takes no more than this.
  package var cacheLimitBytes: Int

  /// Makes settings.
  ///
  /// - Precondition: There is at least one worker and one step in the queue.
  package init(
    workerCount: Int = 1, queueDepth: Int = 4, damagedImages: DamagedImagePolicy = .stop,
    cacheLimitBytes: Int = 256 << 20
  ) {
    precondition(workerCount > 0 && queueDepth > 0, "a loader needs a worker and a place to queue")
    self.workerCount = workerCount
    self.queueDepth = queueDepth
    self.damagedImages = damagedImages
    self.cacheLimitBytes = cacheLimitBytes
  }
}

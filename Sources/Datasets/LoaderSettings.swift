/// How a loader works; none of it changes what a batch holds.
package struct LoaderSettings: Hashable, Sendable {
  /// Threads that prepare images.
  package var workerCount: Int
  /// Steps that are prepared ahead at most.
  package var queueDepth: Int
  /// Decoded and resized images are kept in memory where the whole source takes no more than this.
  package var cacheLimitBytes: Int

  /// Makes settings.
  ///
  /// - Precondition: There is at least one worker and one step in the queue.
  package init(
    workerCount: Int = 1, queueDepth: Int = 4, cacheLimitBytes: Int = 256 << 20
  ) {
    precondition(workerCount > 0 && queueDepth > 0, "a loader needs a worker and a place to queue")
    self.workerCount = workerCount
    self.queueDepth = queueDepth
    self.cacheLimitBytes = cacheLimitBytes
  }
}

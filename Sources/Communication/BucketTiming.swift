import Tracing

/// When a bucket of gradients left and when its sum was complete.
package struct BucketTiming: Equatable, Sendable {
  /// The number of the bucket.
  package let bucket: Int
  /// The elements of the flat buffer.
  package let elements: Range<Int>
  /// When the exchange started, on the clock of `monotonicSeconds`; nil before.
  package internal(set) var postedSeconds: Double?
  /// When the exchange was found complete; nil before.
  package internal(set) var doneSeconds: Double?

  init(bucket: Int, elements: Range<Int>) {
    self.bucket = bucket
    self.elements = elements
  }

  mutating func reset() {
    postedSeconds = nil
    doneSeconds = nil
  }
}

/// The time in seconds on this machine's monotonic clock.
package func monotonicSeconds() -> Double { Trace.now() }

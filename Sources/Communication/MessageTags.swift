/// The tags of point-to-point messages, so that nothing that may be under way together shares one.
///
/// All stay below 2^24, the least limit of the transports in use.
enum MessageTags {
  /// The blocking reduction: 64 exchanges.
  static let treeReducer = 0
  /// The comparison of clocks.
  static let clocks = (1 << 20) - 1
  /// The end of a wait during which a rank sleeps.
  static let waking = (1 << 20) - 2
  /// Collective operations of the first ranks alone.
  static let leadingRanks = (1 << 20) - 3
  /// The number of tags of one `GradientBuckets`: 16,384 exchanges.
  static let bucketChannelSize = 1 << 20
  /// The number of `GradientBuckets` that may be under way together.
  static let bucketChannels = 8

  /// The first tag of a `GradientBuckets`.
  static func buckets(channel: Int) -> Int {
    precondition((0..<bucketChannels).contains(channel), "there is no channel \(channel)")
    return (channel + 1) * bucketChannelSize
  }
}

extension Communicator {
  /// How far rank 0's clock is ahead of this rank's; collective.
  ///
  /// Each rank exchanges messages with rank 0, which takes its own clock's time half-way between
  /// sending and receiving for the time of the answer. The fastest of the exchanges counts, so that the
  /// error is at most half of its duration.
  ///
  /// - Parameters:
  ///   - exchanges: The number of messages in each direction.
  ///   - clock: This rank's clock, in seconds.
  /// - Returns: Seconds to add to this rank's clock; 0 on rank 0.
  /// - Throws: The communicator's errors.
  package func secondsToRootClock(
    exchanges: Int = 64, clock: () -> Double = monotonicSeconds
  ) throws(CommunicationError) -> Double {
    let tag = MessageTags.clocks
    guard isRoot else {
      for _ in 0..<exchanges {
        _ = try receive(from: 0, tag: tag)
        try send(clock(), to: 0, tag: tag)
      }
      return try receive(from: 0, tag: tag)
    }
    for other in 1..<max(worldSize, 1) {
      var (fastest, offset) = (Double.infinity, 0.0)
      for _ in 0..<exchanges {
        let start = clock()
        try send(0, to: other, tag: tag)
        let answer = try receive(from: other, tag: tag)
        let end = clock()
        if end - start < fastest { (fastest, offset) = (end - start, (start + end) / 2 - answer) }
      }
      try send(offset, to: other, tag: tag)
    }
    return 0
  }
}

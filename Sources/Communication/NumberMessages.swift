import Foundation

extension Communicator {
  /// Lets rank 0 work while the other ranks leave the processors to it; collective.
  ///
  /// Ranks that wait for a message otherwise look for it all the time.
  ///
  /// - Parameter body: What rank 0 does.
  /// - Returns: The result on rank 0, nil elsewhere.
  /// - Throws: What `body` throws, and the communicator's errors.
  package func whileOthersSleep<Value>(_ body: () throws -> Value) throws -> Value? {
    guard isRoot else {
      _ = try receive(from: 0, tag: MessageTags.waking, pauseMicroseconds: 1000)
      return nil
    }
    let value = try body()
    for rank in 1..<worldSize { try send(0, to: rank, tag: MessageTags.waking) }
    return value
  }

  /// Lets the first ranks work as a run of their own while the others leave the processors to them.
  ///
  /// Collective. Where `body` throws, the others sleep on: the caller ends the run.
  ///
  /// - Parameters:
  ///   - count: How many ranks work.
  ///   - body: What they do.
  /// - Returns: The result on those ranks, nil elsewhere.
  /// - Throws: What `body` throws, and the communicator's errors.
  package func amongFirst<Value>(
    _ count: Int, _ body: (any Communicator) throws -> Value
  ) throws -> Value? {
    if count == worldSize { return try body(self) }
    guard rank < count else {
      _ = try receive(from: 0, tag: MessageTags.waking, pauseMicroseconds: 1000)
      return nil
    }
    let value = try body(LeadingRanks(count, of: self))
    if isRoot {
      for rank in count..<worldSize { try send(0, to: rank, tag: MessageTags.waking) }
    }
    return value
  }

  /// Sends a number and waits until it is on its way.
  func send(_ number: Double, to rank: Int, tag: Int) throws(CommunicationError) {
    var number = number
    try withBytes(of: &number) { bytes throws(CommunicationError) in
      var request = try startSend(UnsafeRawBufferPointer(bytes), to: rank, tag: tag)
      while try !isComplete(&request) {}
    }
  }

  /// Waits for a number, with a pause between two looks.
  func receive(
    from rank: Int, tag: Int, pauseMicroseconds: UInt32 = 0
  ) throws(CommunicationError) -> Double {
    var number = 0.0
    try withBytes(of: &number) { bytes throws(CommunicationError) in
      var request = try startReceive(bytes, from: rank, tag: tag)
      while try !isComplete(&request) {
        if pauseMicroseconds > 0 { usleep(pauseMicroseconds) }
      }
    }
    return number
  }
}

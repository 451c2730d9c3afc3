/// One contiguous range of gradients on its way through the canonical tree over the ranks.
///
/// Recursive halving, then recursive doubling. Exchange `k` of the first half pairs ranks that
/// differ in bit `k`: distance 1 first, so that neighbours in the tree meet. Each keeps one half of
/// the range it still has, receives its partner's sum of that half, and adds the two. After
/// `log2(P)` exchanges a rank owns the total of `1/P` of the range, and the same pairs in reverse
/// order hand the totals round. Both sides add the same two numbers, and IEEE addition commutes,
/// so it does not matter which side does. In a shorter wire format both the sums on their way up and the
/// totals on their way down are rounded numbers, which packing does not change.
///
/// It is a state machine: `advance` never blocks, and nothing is allocated after `init`.
final class TreeExchange {
  private let communicator: any Communicator
  private let levels: Int
  private let tagBase: Int
  private let wireFormat: WireFormat

  private var values = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  private var scratch = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  /// What this rank still holds before each exchange of the first half.
  private var held: [Range<Int>]
  private var stage: Int
  private var send = CommunicationRequest()
  private var receive = CommunicationRequest()

  /// The number of tags that one exchange uses.
  static let tagCount = 64

  /// Prepares an exchange; all ranks give it the same `tagBase`.
  init(communicator: any Communicator, layout: ReplicaLayout, tagBase: Int, wireFormat: WireFormat)
  {
    precondition(layout.worldSize == communicator.worldSize && layout.rank == communicator.rank)
    self.communicator = communicator
    self.tagBase = tagBase
    levels = layout.worldSize.trailingZeroBitCount
    self.wireFormat = wireFormat
    held = Array(repeating: 0..<0, count: levels + 1)
    stage = 2 * levels
  }

  /// The size of the scratch buffer for `count` values.
  static func scratchCount(for count: Int) -> Int { count / 2 + 2 * WireFormat.block }

  /// Whether nothing is left to do.
  var isDone: Bool { stage == 2 * levels }

  /// Starts to replace this rank's sums by the totals of all ranks.
  ///
  /// - Parameters:
  ///   - values: This rank's sums over its replicas.
  ///   - scratch: At least `scratchCount(for: values.count)` values.
  /// - Throws: The communicator's errors.
  func start(
    _ values: UnsafeMutableBufferPointer<Float>, scratch: UnsafeMutableBufferPointer<Float>
  ) throws(CommunicationError) {
    precondition(isDone, "an exchange ends before the next one starts")
    precondition(scratch.count >= Self.scratchCount(for: values.count))
    self.values = values
    self.scratch = scratch
    held[0] = values.indices
    stage = 0
    if !isDone { try startStage() }
  }

  /// Does what can be done without waiting.
  ///
  /// - Returns: Whether the exchange moved on.
  func advance() throws(CommunicationError) -> Bool {
    var moved = false
    while !isDone {
      guard try communicator.isComplete(&receive) else { break }
      guard try communicator.isComplete(&send) else { break }
      endStage()
      stage += 1
      moved = true
      if !isDone { try startStage() }
    }
    return moved
  }

  /// The halves of `held[level]`: what this rank keeps, and what its partner does.
  private func halves(_ level: Int) -> (kept: Range<Int>, given: Range<Int>) {
    let whole = held[level]
    let half = (whole.count + 1) / 2
    let aligned = half + (-half & (WireFormat.block - 1))
    let middle = min(whole.lowerBound + aligned, whole.upperBound)
    let (lower, upper) = (whole.lowerBound..<middle, middle..<whole.upperBound)
    return communicator.rank >> level & 1 == 0 ? (lower, upper) : (upper, lower)
  }

  /// The level of the tree of the current stage, and the parts that go out and come in.
  private var parts: (level: Int, outgoing: Range<Int>, incoming: Range<Int>) {
    let isHalving = stage < levels
    let level = isHalving ? stage : 2 * levels - 1 - stage
    let (kept, given) = halves(level)
    return isHalving ? (level, given, kept) : (level, kept, given)
  }

  private func startStage() throws(CommunicationError) {
    let (level, outgoing, incoming) = parts
    if stage < levels { held[level + 1] = incoming }
    let partner = communicator.rank ^ 1 << level
    let tag = tagBase + stage
    let target = receiveBuffer(incoming)
    if !target.isEmpty {
      receive = try communicator.startReceive(target, from: partner, tag: tag)
    }
    if !outgoing.isEmpty {
      send = try communicator.startSend(
        sendBuffer(outgoing, after: target), to: partner, tag: tag)
    }
  }

  private func endStage() {
    let incoming = parts.incoming
    let message = receiveBuffer(incoming)
    if stage < levels {
      wireFormat.add(message, to: part(incoming))
    } else if wireFormat != .float32 {
      wireFormat.unpack(message, into: part(incoming))
    }
  }

  private func part(_ range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: values[range])
  }

  /// Where a message is received: totals of full length in their place, all else at the scratch buffer's start.
  private func receiveBuffer(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
    if stage >= levels && wireFormat == .float32 {
      return UnsafeMutableRawBufferPointer(part(range))
    }
    return UnsafeMutableRawBufferPointer(
      rebasing: UnsafeMutableRawBufferPointer(scratch)[..<wireFormat.byteCount(range.count)])
  }

  /// What is sent: numbers of full length from their place, others packed behind the received ones.
  private func sendBuffer(
    _ range: Range<Int>, after received: UnsafeMutableRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    if wireFormat == .float32 { return UnsafeRawBufferPointer(part(range)) }
    // Two-byte numbers want an even address.
    let start = received.count + received.count % 2
    let message = UnsafeMutableRawBufferPointer(
      rebasing: UnsafeMutableRawBufferPointer(scratch)[
        start..<start + wireFormat.byteCount(range.count)])
    wireFormat.pack(part(range), into: message)
    return UnsafeRawBufferPointer(message)
  }
}

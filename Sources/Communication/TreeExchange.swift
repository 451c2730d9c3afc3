import CMPI

/// One contiguous range of gradients on its way through the canonical tree over the ranks.
///
/// Recursive halving, then recursive doubling. Exchange `k` of the first half pairs ranks that
/// differ in bit `k`: distance 1 first, so that neighbours in the tree meet. Each keeps one half of
/// the range it still has, receives its partner's sum of that half, and adds the two. After
/// `log2(P)` exchanges a rank owns the total of `1/P` of the range, and the same pairs in reverse
/// order hand the totals round. Both sides add the same two numbers, and IEEE addition commutes,
/// so it does not matter which side does.
///
/// It is a state machine: `advance` never blocks, and nothing is allocated after `init`.
final class TreeExchange {
  private let communicator: any Communicator
  private let levels: Int
  private let tagBase: Int
  /// Whether the first exchange carries single replicas in bfloat16.
  private let packsLeaves: Bool

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
    packsLeaves = wireFormat == .bfloat16 && layout.localCount == 1
    held = Array(repeating: 0..<0, count: levels + 1)
    stage = 2 * levels
  }

  /// The size of the scratch buffer for `count` values.
  static func scratchCount(for count: Int) -> Int { (count + 1) / 2 }

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
      if stage < levels { addReceived() }
      stage += 1
      moved = true
      if !isDone { try startStage() }
    }
    return moved
  }

  /// The halves of `held[level]`: what this rank keeps, and what its partner does.
  private func halves(_ level: Int) -> (kept: Range<Int>, given: Range<Int>) {
    let whole = held[level]
    let middle = whole.lowerBound + (whole.count + 1) / 2
    let (lower, upper) = (whole.lowerBound..<middle, middle..<whole.upperBound)
    return communicator.rank >> level & 1 == 0 ? (lower, upper) : (upper, lower)
  }

  private func startStage() throws(CommunicationError) {
    let level = stage < levels ? stage : 2 * levels - 1 - stage
    let (kept, given) = halves(level)
    let partner = communicator.rank ^ 1 << level
    let tag = tagBase + stage
    if stage >= levels {
      try exchange(
        UnsafeRawBufferPointer(part(kept)), UnsafeMutableRawBufferPointer(part(given)),
        partner: partner, tag: tag)
      return
    }
    held[level + 1] = kept
    if level == 0 && packsLeaves {
      let (outgoing, incoming) = packedBuffers(sent: given.count, received: kept.count)
      if let target = outgoing.baseAddress, let source = part(given).baseAddress {
        cmpi_floats_pack_bfloat16(target, source, given.count)
      }
      try exchange(
        UnsafeRawBufferPointer(outgoing), UnsafeMutableRawBufferPointer(incoming),
        partner: partner, tag: tag)
    } else {
      try exchange(
        UnsafeRawBufferPointer(part(given)),
        UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(scratch)[
            ..<(kept.count * MemoryLayout<Float>.stride)]),
        partner: partner, tag: tag)
    }
  }

  private func exchange(
    _ outgoing: UnsafeRawBufferPointer, _ incoming: UnsafeMutableRawBufferPointer, partner: Int,
    tag: Int
  ) throws(CommunicationError) {
    if !incoming.isEmpty {
      receive = try communicator.startReceive(incoming, from: partner, tag: tag)
    }
    if !outgoing.isEmpty { send = try communicator.startSend(outgoing, to: partner, tag: tag) }
  }

  private func addReceived() {
    let kept = held[stage + 1]
    guard let sum = part(kept).baseAddress, let other = scratch.baseAddress else { return }
    if stage == 0 && packsLeaves {
      let incoming = packedBuffers(sent: held[0].count - kept.count, received: kept.count).incoming
      guard let packed = incoming.baseAddress else { return }
      cmpi_floats_accumulate_bfloat16(sum, packed, kept.count)
    } else {
      cmpi_floats_accumulate(sum, other, kept.count)
    }
  }

  private func part(_ range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: values[range])
  }

  /// Two buffers of two-byte numbers inside the scratch buffer.
  private func packedBuffers(
    sent: Int, received: Int
  ) -> (outgoing: UnsafeMutableBufferPointer<UInt16>, incoming: UnsafeMutableBufferPointer<UInt16>)
  {
    let bytes = UnsafeMutableRawBufferPointer(scratch)
    let incoming = UnsafeMutableRawBufferPointer(rebasing: bytes[..<(2 * received)])
    let outgoing = UnsafeMutableRawBufferPointer(
      rebasing: bytes[(2 * received)..<(2 * (received + sent))])
    return (outgoing.bindMemory(to: UInt16.self), incoming.bindMemory(to: UInt16.self))
  }
}

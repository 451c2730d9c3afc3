/// Sums a buffer over all replicas in canonical order and waits for the result.
///
/// The buffer is cut into chunks, several of which are under way at a time, so that one is added
/// while others travel. Chunks do not change the result: the tree is the same for every element.
package final class TreeReducer {
  /// The chunk size that measured best between two ranks of a host.
  package static let defaultChunkBytes = 4 << 20
  /// The number of chunks under way at a time that measured best.
  package static let defaultWindow = 2

  private let chunkCount: Int
  private let exchanges: [TreeExchange]
  private let scratch: FloatArena

  /// Prepares reductions of any size.
  ///
  /// - Parameters:
  ///   - communicator: The ranks.
  ///   - layout: Which replicas this rank hosts.
  ///   - wireFormat: How sums travel and are rounded; each rank's sums have been.
  ///   - chunkBytes: The size of a chunk, rounded down to whole blocks of the wire format.
  ///   - window: The number of chunks under way at a time.
  package init(
    communicator: any Communicator, layout: ReplicaLayout, wireFormat: WireFormat = .float32,
    chunkBytes: Int = TreeReducer.defaultChunkBytes, window: Int = TreeReducer.defaultWindow
  ) {
    let blocks = chunkBytes / MemoryLayout<Float>.stride / WireFormat.block
    chunkCount = max(1, blocks) * WireFormat.block
    exchanges = (0..<window).map {
      TreeExchange(
        communicator: communicator, layout: layout,
        tagBase: MessageTags.treeReducer + $0 * TreeExchange.tagCount, wireFormat: wireFormat)
    }
    scratch = FloatArena(count: window * TreeExchange.scratchCount(for: chunkCount))
  }

  /// Replaces each rank's sums over its own replicas by the sums over all replicas; collective.
  ///
  /// - Parameter values: As many values on every rank; any number.
  /// - Throws: The communicator's errors.
  package func reduce(
    _ values: UnsafeMutableBufferPointer<Float>
  ) throws(CommunicationError) {
    let scratchCount = TreeExchange.scratchCount(for: chunkCount)
    var next = 0
    var isUnderWay = true
    while isUnderWay {
      isUnderWay = false
      for (slot, exchange) in exchanges.enumerated() {
        if !exchange.isDone { _ = try exchange.advance() }
        // Slots take chunks in turn, so that all ranks give a chunk the same tags.
        if exchange.isDone, next < values.count, next / chunkCount % exchanges.count == slot {
          let end = min(next + chunkCount, values.count)
          try exchange.start(
            UnsafeMutableBufferPointer(rebasing: values[next..<end]),
            scratch: scratch[slot * scratchCount..<(slot + 1) * scratchCount])
          next = end
        }
        isUnderWay = isUnderWay || !exchange.isDone || next < values.count
      }
    }
  }
}

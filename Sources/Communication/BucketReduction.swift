/// One bucket's sum over the ranks: the chunks it travels in, or one library call.
final class BucketReduction {
  private struct Chunk {
    let exchange: TreeExchange
    let elements: Range<Int>
    let scratch: Range<Int>
  }

  private let communicator: any Communicator
  private let values: UnsafeMutableBufferPointer<Float>
  private let libraryResult: UnsafeMutableBufferPointer<Float>?
  private let chunks: [Chunk]
  private let scratch: FloatArena
  private var libraryRequest = CommunicationRequest()

  /// Prepares the sum of `values`, into `libraryResult` where the library does the work.
  init(
    communicator: any Communicator, layout: ReplicaLayout,
    values: UnsafeMutableBufferPointer<Float>,
    libraryResult: UnsafeMutableBufferPointer<Float>?, tagBase: Int, wireFormat: WireFormat
  ) {
    self.communicator = communicator
    self.values = values
    self.libraryResult = libraryResult
    let chunkCount = TreeReducer.defaultChunkBytes / MemoryLayout<Float>.stride
    var chunks: [Chunk] = []
    var scratchCount = 0
    let isExchanged = libraryResult == nil && layout.worldSize > 1
    for start in stride(from: 0, to: isExchanged ? values.count : 0, by: chunkCount) {
      let elements = start..<min(start + chunkCount, values.count)
      let needed = TreeExchange.scratchCount(for: elements.count)
      let exchange = TreeExchange(
        communicator: communicator, layout: layout,
        tagBase: tagBase + chunks.count * TreeExchange.tagCount, wireFormat: wireFormat)
      chunks.append(
        Chunk(
          exchange: exchange, elements: elements, scratch: scratchCount..<scratchCount + needed))
      scratchCount += needed
    }
    self.chunks = chunks
    scratch = FloatArena(count: scratchCount)
  }

  /// The number of message tags in use.
  var tagCount: Int { chunks.count * TreeExchange.tagCount }

  func start() throws(CommunicationError) {
    if let libraryResult {
      libraryRequest = try communicator.startLibrarySum(
        UnsafeBufferPointer(values), into: libraryResult)
    }
    for chunk in chunks {
      try chunk.exchange.start(
        UnsafeMutableBufferPointer(rebasing: values[chunk.elements]),
        scratch: scratch[chunk.scratch])
    }
  }

  /// Does what can be done without waiting, and says whether the sum is complete.
  func advance() throws(CommunicationError) -> Bool {
    var isDone = try communicator.isComplete(&libraryRequest)
    for chunk in chunks where !chunk.exchange.isDone {
      _ = try chunk.exchange.advance()
      isDone = isDone && chunk.exchange.isDone
    }
    return isDone
  }
}

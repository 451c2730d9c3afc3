/// Compares the canonical tree with the library's sum, which may add in any order.
package enum ReductionBenchmark {
  /// The result for one buffer size.
  package struct Row: Equatable, Sendable {
    /// The size of the buffer.
    package let bytes: Int
    /// The time of the canonical tree.
    package let treeSeconds: Double
    /// The time of the best `MPI_Allreduce`, in place or not.
    package let librarySeconds: Double
    /// The time of the tree with shorter messages, and the rounding that belongs to them.
    package let shortSeconds: [WireFormat: Double]

    /// Bytes reduced in a second by the tree.
    package var treeBandwidth: Double { Double(bytes) / treeSeconds }
    /// Bytes reduced in a second by the library.
    package var libraryBandwidth: Double { Double(bytes) / librarySeconds }
    /// The tree's time relative to the library's.
    package var ratio: Double { treeSeconds / librarySeconds }
  }

  /// The sizes that are measured unless others are given: 1, 4, 16 and 64 MiB.
  package static let defaultSizes = [1 << 20, 4 << 20, 16 << 20, 64 << 20]

  /// Measures each size; collective.
  ///
  /// The methods take turns in every repetition, so that a busy machine slows all of them. A
  /// repetition takes as long as its slowest rank; the best repetition counts.
  ///
  /// - Parameters:
  ///   - communicator: The ranks, whose number is a power of two; each is one replica.
  ///   - sizes: Buffer sizes in bytes.
  ///   - repetitions: The number of measurements after one that warms up.
  ///   - chunkBytes: The tree's chunk size.
  ///   - window: The number of chunks under way at a time.
  /// - Returns: One row for each size, the same on every rank.
  /// - Throws: A setting error where the number of ranks is no power of two, and the communicator's.
  package static func run(
    _ communicator: any Communicator, sizes: [Int] = defaultSizes, repetitions: Int = 40,
    chunkBytes: Int = TreeReducer.defaultChunkBytes, window: Int = TreeReducer.defaultWindow
  ) throws(CommunicationError) -> [Row] {
    let layout = try ReplicaLayout(
      replicas: communicator.worldSize, worldSize: communicator.worldSize, rank: communicator.rank)
    let formats = WireFormat.allCases
    let trees = formats.map {
      TreeReducer(
        communicator: communicator, layout: layout, wireFormat: $0, chunkBytes: chunkBytes,
        window: window)
    }
    var rows: [Row] = []
    for bytes in sizes {
      let count = bytes / MemoryLayout<Float>.stride
      let (values, result) = (FloatArena(count: count), FloatArena(count: count))
      var best = [Double](repeating: .infinity, count: formats.count + 2)
      for repetition in 0...repetitions {
        for method in best.indices {
          values.values.update(repeating: Float(communicator.rank + 1))
          try communicator.barrier()
          let start = monotonicSeconds()
          switch method {
          case formats.count: try communicator.librarySum(nil, into: values.values)
          case formats.count + 1:
            try communicator.librarySum(UnsafeBufferPointer(values.values), into: result.values)
          default:
            formats[method].round(values.values)
            try trees[method].reduce(values.values)
          }
          let seconds = monotonicSeconds() - start
          let slowest = try communicator.allGather([seconds]).map { $0[0] }.max() ?? seconds
          if repetition > 0 { best[method] = min(best[method], slowest) }
        }
      }
      rows.append(
        Row(
          bytes: bytes, treeSeconds: best[0],
          librarySeconds: min(best[formats.count], best[formats.count + 1]),
          shortSeconds: Dictionary(uniqueKeysWithValues: zip(formats, best).dropFirst())))
    }
    return rows
  }
}

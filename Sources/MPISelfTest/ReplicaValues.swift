import Communication
import TensorCore

/// The values of one replica: mixed exponents, so that the order of a sum shows in its bits.
func replicaValues(_ replica: Int, count: Int, seed: UInt64 = 1) -> [Float] {
  var random = CounterBasedRandom(seed: seed, purpose: .test, sample: replica)
  return (0..<count).map { _ in
    let bits = random.nextWord()
    let exponent = 115 + (bits >> 23 & 0xFF) % 25
    return Float(bitPattern: bits & 0x807F_FFFF | exponent << 23)
  }
}

/// The canonical sum of a power-of-two number of replicas, computed in the plainest way.
func canonicalSum(
  replicas: Int, count: Int, seed: UInt64 = 1, wireFormat: WireFormat = .float32
) -> [Float] {
  // Without other ranks the accumulator is the whole tree; its own tests compare it with plain arithmetic.
  if wireFormat == .int8 {
    let arena = FloatArena(count: count)
    let accumulator = ReplicaAccumulator(count: count, replicas: replicas, wireFormat: wireFormat)
    for replica in 0..<replicas {
      _ = arena.values.update(from: replicaValues(replica, count: count, seed: seed))
      accumulator.add(0..<count, of: arena.values, replica: replica)
    }
    return Array(arena.values)
  }
  func rounded(_ values: [Float]) -> [Float] {
    wireFormat == .bfloat16 ? values.map(bfloat16Rounded) : values
  }
  func sum(_ range: Range<Int>) -> [Float] {
    if range.count == 1 {
      return rounded(replicaValues(range.lowerBound, count: count, seed: seed))
    }
    let middle = (range.lowerBound + range.upperBound) / 2
    return rounded(
      zip(sum(range.lowerBound..<middle), sum(middle..<range.upperBound)).map { $0 + $1 })
  }
  return sum(0..<replicas)
}

/// The sum in replica order, as a ring or a loop would compute it.
func sequentialSum(replicas: Int, count: Int) -> [Float] {
  (1..<replicas).reduce(replicaValues(0, count: count)) { sum, replica in
    zip(sum, replicaValues(replica, count: count)).map { $0 + $1 }
  }
}

/// The nearest bfloat16 number, ties to even, by way of double precision arithmetic.
func bfloat16Rounded(_ value: Float) -> Float {
  guard value.isFinite, value != 0 else { return value }
  let unit = Float(sign: .plus, exponent: value.exponent - 7, significand: 1)
  return (value / unit).rounded(.toNearestOrEven) * unit
}

/// Whether two lists have the same bits.
func sameBits(_ left: [Float], _ right: [Float]) -> Bool {
  left.map(\.bitPattern) == right.map(\.bitPattern)
}

/// The canonical sum as the trainer computes it: replica by replica, then over the ranks.
func reducedSum(
  _ communicator: any Communicator, replicas: Int, count: Int, wireFormat: WireFormat = .float32,
  chunkBytes: Int = TreeReducer.defaultChunkBytes
) throws -> [Float] {
  let layout = try ReplicaLayout(
    replicas: replicas, worldSize: communicator.worldSize, rank: communicator.rank)
  let arena = FloatArena(count: count)
  let accumulator = ReplicaAccumulator(
    count: count, replicas: layout.localCount, wireFormat: wireFormat)
  for (local, replica) in layout.localReplicas.enumerated() {
    _ = arena.values.update(from: replicaValues(replica, count: count))
    accumulator.add(0..<count, of: arena.values, replica: local)
  }
  let reducer = TreeReducer(
    communicator: communicator, layout: layout, wireFormat: wireFormat, chunkBytes: chunkBytes)
  try reducer.reduce(arena.values)
  return Array(arena.values)
}

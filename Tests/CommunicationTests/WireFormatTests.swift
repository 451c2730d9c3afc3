import Communication
import TensorCore
import Testing

@Suite struct WireFormatTests {
  private func rounded(_ values: [Float], _ wireFormat: WireFormat) -> [Float] {
    let arena = FloatArena(count: values.count)
    _ = arena.values.update(from: values)
    wireFormat.round(arena.values)
    return Array(arena.values)
  }

  @Test func roundingTo8BitsIsThatOfPlainArithmetic() {
    for seed in UInt64(0)..<300 {
      var random = CounterBasedRandom(seed: seed, purpose: .test)
      let values = replicaValues(0, count: random.integer(in: 0...100), seed: seed)
      #expect(bits(rounded(values, .int8)) == bits(int8Rounded(values)), "seed \(seed)")
    }
    for values: [Float] in [
      [0, -0.0], [.leastNonzeroMagnitude, -30 * .leastNonzeroMagnitude], [127, 126.5], [128, 1],
      [0x1.fcp0, 0.3], [0x1.fdp0, 0.3],
      [3e37, -1e37], [3.3e38, 1], [3.4e38, 1],
    ] {
      let (actual, expected) = (rounded(values, .int8), int8Rounded(values))
      #expect(actual.elementsEqual(expected) { $0 == $1 || $0.isNaN && $1.isNaN }, "\(values)")
    }
  }

  /// A message is what is left of a number after rounding, so a rank may pack what it has unpacked.
  @Test(arguments: WireFormat.allCases) func messagesKeepRoundedValues(wireFormat: WireFormat) {
    for count in [0, 1, 15, 16, 17, 1003] {
      let arena = FloatArena(count: count)
      _ = arena.values.update(from: replicaValues(1, count: count, seed: 3))
      wireFormat.round(arena.values)
      let values = Array(arena.values)
      wireFormat.round(arena.values)
      #expect(bits(Array(arena.values)) == bits(values), "rounded twice")
      let message = UnsafeMutableRawBufferPointer.allocate(
        byteCount: wireFormat.byteCount(count), alignment: 4)
      defer { message.deallocate() }
      wireFormat.pack(arena.values, into: message)
      let received = FloatArena(count: count)
      wireFormat.unpack(message, into: received.values)
      #expect(bits(Array(received.values)) == bits(values), "\(count) values")
      let sum = FloatArena(count: count)
      wireFormat.add(message, to: sum.values)
      #expect(Array(sum.values) == values)
    }
    let expected = [WireFormat.float32: 6400, .bfloat16: 3200, .int8: 1700]
    #expect(wireFormat.byteCount(1600) == expected[wireFormat])
  }

  /// The sums of a tree keep their mean, place by place, though the small numbers beside a large one are off by a good
  /// part of themselves each time: also at nodes whose numbers have been rounded before.
  @Test(arguments: [1, 2, 8]) func roundingTo8BitsHasNoBias(replicas: Int) {
    let steps = 4000
    let exact = (0..<16).map { $0 == 0 ? Float(1) : 0.3 / 64 + 0.0002 * Float($0) }
    var random = CounterBasedRandom(seed: 5, purpose: .test)
    let arena = FloatArena(count: 16)
    let accumulator = ReplicaAccumulator(count: 16, replicas: replicas, wireFormat: .int8)
    var (errors, squares) = ([Double](repeating: 0, count: 16), [Double](repeating: 0, count: 16))
    for _ in 0..<steps {
      var sums = [Float](repeating: 0, count: 16)
      for replica in 0..<replicas {
        // As gradients differ from step to step, by a little noise.
        let values = exact.map { $0 * random.uniform(0.999, 1.001) }
        for place in sums.indices { sums[place] += values[place] }
        _ = arena.values.update(from: values)
        accumulator.add(0..<16, of: arena.values, replica: replica)
      }
      for place in sums.indices {
        let error = Double(arena.values[place] - sums[place])
        errors[place] += error
        squares[place] += error * error
      }
    }
    for place in 1..<16 {
      let mean = errors[place] / Double(steps)
      let deviation = (squares[place] / Double(steps)).squareRoot()
      #expect(deviation > 0.002, "place \(place) is not rounded at all")
      #expect(
        abs(mean) < 5 * deviation / Double(steps).squareRoot(),
        "place \(place): \(mean) of \(deviation)")
    }
  }

  @Test func aNumberThatIsNoneMakesItsBlockNone() {
    for value in [Float.nan, .infinity, -.infinity] {
      let result = rounded((0..<48).map { $0 == 20 ? value : 1 }, .int8)
      #expect(result[..<16].allSatisfy { $0 == 1 } && result[32...].allSatisfy { $0 == 1 })
      #expect(result[16..<32].allSatisfy { $0.isNaN })
    }
  }
}

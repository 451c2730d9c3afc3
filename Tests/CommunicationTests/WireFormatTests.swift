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
      [3e37, -1e37],
    ] {
      #expect(rounded(values, .int8) == int8Rounded(values), "\(values)")
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

  /// The mean of many numbers stays, though each of them is off by up to a 64th of the block's largest.
  @Test func roundingTo8BitsHasNoBias() {
    var random = CounterBasedRandom(seed: 5, purpose: .test)
    let values = (0..<64000).map { index in
      index % 16 == 0 ? Float(1) : random.uniform(0.0001, 0.0301)
    }
    let errors = zip(rounded(values, .int8), values).map { Double($0 - $1) }
    #expect(errors.allSatisfy { abs($0) <= 1.0 / 64 })
    // The standard error of the mean of 60,000 numbers that are one unit, 1/64, with probability 0 to 2.
    let mean = errors.reduce(0, +) / 64000
    #expect(abs(mean) < 4.0 / 64 / 245)
  }

  @Test func aNumberThatIsNoneMakesItsBlockNone() {
    for value in [Float.nan, .infinity, -.infinity] {
      let result = rounded((0..<48).map { $0 == 20 ? value : 1 }, .int8)
      #expect(result[..<16].allSatisfy { $0 == 1 } && result[32...].allSatisfy { $0 == 1 })
      #expect(result[16..<32].allSatisfy { $0.isNaN })
    }
  }
}

import TensorCore
import Testing

@Suite("Counter-based random numbers")
struct CounterBasedRandomTests {
  /// The known answers that the Random123 library publishes for Philox4x32-10.
  @Test func knownAnswers() {
    #expect(
      philox4x32(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
        == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      philox4x32(counter: SIMD4(repeating: 0xFFFF_FFFF), key: SIMD2(repeating: 0xFFFF_FFFF))
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      philox4x32(
        counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
        key: SIMD2(0xA409_3822, 0x299F_31D0))
        == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  @Test func aStreamIsItsCounterInOrder() {
    var random = CounterBasedRandom(
      seed: 0x0123_4567_89AB_CDEF, purpose: .mask, epoch: 7, sample: 9)
    let key = SIMD2<UInt32>(0x89AB_CDEF, 0x0123_4567)
    for draw: UInt32 in 0..<3 {
      let words = philox4x32(
        counter: SIMD4(draw, RandomPurpose.mask.rawValue, 7, 9), key: key)
      for lane in 0..<4 { #expect(random.nextWord() == words[lane]) }
    }
  }

  @Test func equalArgumentsGiveEqualNumbersWhateverElseIsDrawn() {
    var a = CounterBasedRandom(seed: 1, purpose: .crop, epoch: 2, sample: 3)
    var other = CounterBasedRandom(seed: 1, purpose: .crop, epoch: 2, sample: 4)
    var b = CounterBasedRandom(seed: 1, purpose: .crop, epoch: 2, sample: 3)
    for _ in 0..<100 {
      let number = a.next()
      #expect(other.next() != number)
      #expect(b.next() == number)
    }
  }

  @Test func everyArgumentChangesTheStream() {
    let streams = [
      CounterBasedRandom(seed: 1, purpose: .crop, epoch: 2, sample: 3),
      CounterBasedRandom(seed: 1 + 1 << 32, purpose: .crop, epoch: 2, sample: 3),
      CounterBasedRandom(seed: 2, purpose: .crop, epoch: 2, sample: 3),
      CounterBasedRandom(seed: 1, purpose: .flip, epoch: 2, sample: 3),
      CounterBasedRandom(seed: 1, purpose: .crop, epoch: 3, sample: 3),
      CounterBasedRandom(seed: 1, purpose: .crop, epoch: 2, sample: 2),
    ]
    let first = streams.map { stream in
      var stream = stream
      return stream.next()
    }
    #expect(Set(first).count == streams.count)
  }

  /// Chi-squared over 64 cells, for numbers of one stream and for the first numbers of many.
  @Test func uniformNumbersAreUniform() {
    var stream = CounterBasedRandom(seed: 5, purpose: .test)
    var alongStream = [Int](repeating: 0, count: 64)
    var acrossSamples = alongStream
    for sample in 0..<64_000 {
      let number = stream.uniform()
      #expect(number >= 0 && number < 1)
      alongStream[Int(number * 64)] += 1
      var own = CounterBasedRandom(seed: 5, purpose: .shuffle, sample: sample)
      acrossSamples[Int(own.uniform() * 64)] += 1
    }
    // 63 degrees of freedom: 119 is exceeded once in 30,000 times.
    for cells in [alongStream, acrossSamples] {
      let deviation = cells.reduce(0.0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 }
      #expect(deviation < 119 && deviation > 28)
    }
  }

  @Test func integersReachEveryValueOfTheirRangeAndNoOther() {
    var random = CounterBasedRandom(seed: 6, purpose: .test)
    var counts: [Int: Int] = [:]
    for _ in 0..<7000 { counts[random.integer(in: -3...3), default: 0] += 1 }
    #expect(counts.keys.sorted() == Array(-3...3))
    #expect(counts.values.allSatisfy { 850...1150 ~= $0 })
  }

  @Test func anIntervalIsHalfOpen() {
    var random = CounterBasedRandom(seed: 7, purpose: .test)
    for _ in 0..<10_000 {
      let number = random.uniform(-0.25, 0.5)
      #expect(number >= -0.25 && number < 0.5)
    }
  }

  /// This stream begins with 24 ones, and 2 - 2^-24 would be rounded to 2.
  @Test func theLargestNumberStaysBelowTheUpperBound() {
    var random = CounterBasedRandom(seed: 0, purpose: .test, sample: 18_714_667)
    var again = random
    #expect(random.uniform(1, 2) == Float(2).nextDown)
    #expect(again.uniform() == Float(1).nextDown)
    #expect(again.uniform(3, 3) == 3)
  }
}

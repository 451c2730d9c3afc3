import Reports
import Testing

@Suite struct DecimatedSeriesTests {
  /// Whatever the number of records: few bins, in order, and nothing lost of sum and extremes.
  @Test(arguments: [1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000, 4099])
  func nothingIsLost(count: Int) {
    var series = DecimatedSeries(names: ["a", "b"], capacity: 8)
    var values: [Double] = []
    var random = RandomNumbers(state: UInt64(count))
    for step in 1...count {
      // Whole numbers, so that sums are exact in any order.
      values.append(Double(Int.random(in: -1000...1000, using: &random)))
      series.add(step: step, [values[step - 1], step.isMultiple(of: 3) ? .nan : 1])
    }
    #expect(series.bins.count <= 8)
    #expect(count < 8 || series.bins.count > 4)
    #expect(series.bins.last?.step == count)
    #expect(zip(series.bins, series.bins.dropFirst()).allSatisfy { $0.step < $1.step })
    let first = series.bins.map { $0.quantities[0] }
    #expect(first.reduce(0) { $0 + $1.sum } == values.reduce(0, +))
    #expect(first.reduce(0) { $0 + $1.count } == count)
    #expect(first.map(\.minimum).min() == values.min())
    #expect(first.map(\.maximum).max() == values.max())
    #expect(series.bins.reduce(0) { $0 + $1.quantities[1].count } == count - count / 3)
    // All bins but the last hold equally many records.
    let sizes = Set(first.dropLast().map(\.count))
    #expect(sizes.count <= 1)
  }
}

/// SplitMix64.
struct RandomNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}

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

  /// A quantity that only some records have keeps all its values, and those of the others.
  @Test func quantitiesComeAndGo() {
    var series = DecimatedSeries(names: [], capacity: 8)
    for step in 1...100 {
      var values = [(name: "a", value: Double(step))]
      if step.isMultiple(of: 16) { values.insert(("r1", 2), at: 0) }
      if step > 90 { values.append(("late", 1)) }
      series.add(step: step, named: values)
    }
    #expect(series.names == ["a", "r1", "late"])
    let counts = (0..<3).map { quantity in
      series.bins.reduce(0) { $0 + $1.quantities[quantity].count }
    }
    #expect(counts == [100, 6, 10])
    #expect(series.bins.reduce(0) { $0 + $1.quantities[0].sum } == 5050)
    #expect(series.bins.count > 4)
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

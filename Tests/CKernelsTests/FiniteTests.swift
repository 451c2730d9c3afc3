import CKernels
import TensorCore
import Testing

@Suite struct FiniteTests {
  /// One number anywhere decides, whatever the length.
  @Test(arguments: [1, 2, 15, 16, 17, 8191, 8192, 8193, 50_000])
  func oneNumberDecides(count: Int) {
    var random = CounterBasedRandom(seed: 3, purpose: .test, sample: count)
    let values = (0..<count).map { _ in random.uniform(-1, 1) }
    var copy = [Float](repeating: 7, count: count)
    #expect(ckernels_sum_within(values, nil, 1, &copy, count))
    #expect(copy == values)
    #expect(ckernels_sum_within(values, values, 2, &copy, count))
    #expect(copy == values.map { $0 + $0 })
    for _ in 0..<20 {
      var changed = values
      let place = Int(random.uniform(0, Float(count))) % count
      for bad in [Float.nan, -Float.nan, .infinity, -.infinity, 1.5, -1.5] {
        changed[place] = bad
        #expect(!ckernels_all_within(changed, 1, count), "\(bad) at \(place) of \(count)")
        #expect(!ckernels_sum_within(changed, nil, 1, &copy, count))
        #expect(copy[place].bitPattern == bad.bitPattern)
        let zeros = [Float](repeating: 0, count: count)
        #expect(!ckernels_sum_within(changed, zeros, 1, &copy, count))
        #expect(!ckernels_sum_within(zeros, changed, 1, &copy, count))
      }
      changed[place] = -1
      #expect(ckernels_all_within(changed, 1, count))
    }
    #expect(ckernels_all_within(values, 1, 0))
  }
}

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
    #expect(ckernels_all_within(values, 1, &copy, count))
    #expect(copy == values)
    for _ in 0..<20 {
      var changed = values
      let place = Int(random.uniform(0, Float(count))) % count
      for bad in [Float.nan, -Float.nan, .infinity, -.infinity, 1.5, -1.5] {
        changed[place] = bad
        #expect(!ckernels_all_within(changed, 1, nil, count), "\(bad) at \(place) of \(count)")
        #expect(!ckernels_all_within(changed, 1, &copy, count))
        #expect(copy[place].bitPattern == bad.bitPattern)
      }
      changed[place] = -1
      #expect(ckernels_all_within(changed, 1, nil, count))
    }
    #expect(ckernels_all_within(values, 1, nil, 0))
  }
}

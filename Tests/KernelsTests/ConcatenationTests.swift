import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Concatenation")
struct ConcatenationTests {
  @Test(arguments: [[8, 16], [16, 32, 5], [3, 5], [8, 3, 8], [1], [16, 16], [5, 16]])
  func channelsOfSeveralMaps(counts: [Int]) {
    var random = CounterBasedRandom(test: counts.count)
    let parts = counts.map { ReferenceTensor.random([2, $0, 3, 5], using: &random) }
    let expected = ReferenceTensor.concatenated(parts)
    for layout in FeatureMapCases.layouts {
      let joined = Tensor.concatenated(parts.map { $0.tensor(layout: layout) })
      expectClose(joined, expected, .exact, "\(counts), \(layout)")
      expectPaddingIsZero(joined)
      let isAligned = counts.dropLast().allSatisfy { $0.isMultiple(of: layout.channelBlock) }
      #expect(joined.layout == (isAligned ? layout : .plain))
      var first = 0
      for (part, count) in zip(parts, counts) {
        let selected = expected.tensor(layout: layout).channels(first..<first + count)
        expectClose(selected, part, .exact, "\(first)..<\(first + count) of \(counts), \(layout)")
        expectPaddingIsZero(selected)
        first += count
      }
    }
  }

  @Test func mapsThatSeveralThreadsCopy() {
    var random = CounterBasedRandom(test: 10)
    let parts = [16, 32].map { ReferenceTensor.random([3, $0, 40, 41], using: &random) }
    let joined = Tensor.concatenated(parts.map { $0.tensor(layout: .blocked(16)) })
    expectClose(joined, ReferenceTensor.concatenated(parts), .exact)
    expectClose(joined.channels(16..<48), parts[1], .exact)
    expectClose(joined.channels(0..<16), parts[0], .exact)
  }

  @Test func mapsInDifferentLayouts() {
    var random = CounterBasedRandom(test: 9)
    let parts = [16, 8, 4].map { ReferenceTensor.random([3, $0, 2, 2], using: &random) }
    let tensors = zip(parts, [Layout.blocked(8), .plain, .blocked(16)]).map {
      $0.tensor(layout: $1)
    }
    expectClose(Tensor.concatenated(tensors), ReferenceTensor.concatenated(parts), .exact)
  }

  @Test func rowsOfFeatures() {
    let joined = Tensor.concatenated([
      Tensor([1, 2, 3, 4], shape: [2, 2]), Tensor([9, 8], shape: [2, 1]),
    ])
    #expect(joined.shape == [2, 3])
    #expect(joined.elements == [1, 2, 9, 3, 4, 8])
    #expect(joined.channels(1..<3).elements == [2, 9, 4, 8])
  }
}

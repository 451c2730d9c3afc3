import Datasets
import Testing

@Suite struct EpochPermutationTests {
  private func order(count: Int, seed: UInt64 = 5, epoch: Int = 0) -> [Int] {
    let permutation = EpochPermutation(count: count, seed: seed, epoch: epoch)
    return (0..<count).map { permutation[$0] }
  }

  @Test func everySampleOccursOnceForEveryCount() {
    let counts = Array(1...5000) + [202_599]
    for count in counts {
      var seen = [Bool](repeating: false, count: count)
      for sample in order(count: count, seed: UInt64(count), epoch: count % 7) {
        if seen[sample] { Issue.record("sample \(sample) of \(count) occurs twice") }
        seen[sample] = true
      }
    }
  }

  @Test func epochsAndSeedsHaveOrdersOfTheirOwn() {
    let first = order(count: 1000)
    #expect(first == order(count: 1000))
    for other in [order(count: 1000, epoch: 1), order(count: 1000, seed: 6)] {
      // A random permutation agrees with another in one place on average.
      #expect(zip(first, other).count { $0 == $1 } < 10)
    }
  }

  /// Correlation of two equally long lists.
  private func correlation(_ first: [Int], _ second: [Int]) -> Double {
    let (a, b) = (first.map(Double.init), second.map(Double.init))
    let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
    let products = zip(a, b).map { ($0 - meanA) * ($1 - meanB) }.reduce(0, +)
    let squaresA = a.map { ($0 - meanA) * ($0 - meanA) }.reduce(0, +)
    let squaresB = b.map { ($0 - meanB) * ($0 - meanB) }.reduce(0, +)
    return products / (squaresA * squaresB).squareRoot()
  }

  @Test func placesAndSamplesAreUncorrelated() {
    let count = 5000
    // Four standard deviations of the correlation of random permutations.
    let bound = 4 / Double(count).squareRoot()
    for epoch in 0..<20 {
      let order = order(count: count, epoch: epoch)
      #expect(abs(correlation(order, Array(0..<count))) < bound)
      #expect(abs(correlation(Array(order.dropLast()), Array(order.dropFirst()))) < bound)
    }
    let rotated = (0..<count).map { ($0 + 17) % count }
    #expect(abs(correlation(rotated, Array(0..<count))) > bound, "the check must see an order")
  }

  @Test(arguments: [2, 3, 5, 8]) func everySampleIsEquallyLikelyAtEveryPlace(count: Int) {
    let epochs = 4000
    var occurrences = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
    for epoch in 0..<epochs {
      for (place, sample) in order(count: count, epoch: epoch).enumerated() {
        occurrences[place][sample] += 1
      }
    }
    let expected = Double(epochs) / Double(count)
    for place in 0..<count {
      for sample in 0..<count {
        #expect(abs(Double(occurrences[place][sample]) - expected) < 5 * expected.squareRoot())
      }
    }
  }

  /// Ten million places a second, and less than a millisecond to a distant one; the best of several
  /// turns, since other processes take time away.
  @Test func placesAreFoundFast() {
    let clock = ContinuousClock()
    var (sum, rate, seek) = (0, 0.0, Duration.seconds(1))
    for turn in 0..<20 where rate < 10e6 || seek > .milliseconds(1) {
      let permutation = EpochPermutation(count: 202_599, seed: 42, epoch: turn)
      let time = clock.measure { for place in 0..<200_000 { sum &+= permutation[place] } }
      rate = max(rate, 200_000 / (time / .seconds(1)))
      let sampler = ShardedSampler(
        datasetCount: 202_599, globalBatchSize: 16, replicas: 2, seed: UInt64(turn))
      seek = min(seek, clock.measure { sum &+= sampler.samples(step: 123_456_789)[0].sampleIndex })
    }
    #expect(rate >= 10e6 && seek < .milliseconds(1), "\(rate) places a second, \(seek), \(sum)")
  }

  /// The orders are part of every run's arithmetic.
  @Test func ordersNeverChange() {
    #expect(order(count: 10, seed: 1) == [4, 9, 3, 5, 1, 2, 7, 0, 6, 8])
    #expect(order(count: 10, seed: 1, epoch: 1) == [0, 2, 4, 9, 7, 5, 1, 8, 6, 3])
    let large = EpochPermutation(count: 202_599, seed: 42, epoch: 3)
    #expect((0..<4).map { large[$0] } == [29237, 39905, 148_493, 146_787])
  }
}

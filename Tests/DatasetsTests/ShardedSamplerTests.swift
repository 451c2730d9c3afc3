import Datasets
import TensorCore
import Testing

@Suite struct ShardedSamplerTests {
  @Test func everyEpochIsCompleteThroughAnyChainOfStopsAndRankCounts() {
    for trial in 0..<120 {
      var random = CounterBasedRandom(seed: 1, purpose: .test, sample: trial)
      let count = trial < 20 ? trial + 1 : random.integer(in: 1...5000)
      let replicas = 1 << random.integer(in: 0...4)
      let sampler = ShardedSampler(
        datasetCount: count, globalBatchSize: replicas * random.integer(in: 1...8),
        replicas: replicas, seed: UInt64(trial))
      let steps = 3 * count / sampler.globalBatchSize + 2
      var occurrences: [Int: [Int]] = [:]
      var step = 0
      while step < steps {
        // A run on some number of ranks, stopped after some steps.
        let worldSize = random.integer(in: 1...16)
        let end = min(steps, step + random.integer(in: 1...max(1, steps / 3)))
        for step in step..<end {
          for rank in 0..<worldSize {
            for reference in sampler.samples(step: step, rank: rank, worldSize: worldSize) {
              occurrences[reference.epoch, default: []].append(reference.sampleIndex)
            }
          }
        }
        step = end
      }
      let wholeEpochs = steps * sampler.globalBatchSize / count
      for epoch in 0..<wholeEpochs {
        #expect(occurrences[epoch]?.sorted() == Array(0..<count), "epoch \(epoch) of \(sampler)")
      }
      let rest = occurrences[wholeEpochs] ?? []
      #expect(rest.count == steps * sampler.globalBatchSize - wholeEpochs * count)
      #expect(Set(rest).count == rest.count)
    }
  }

  @Test func ranksSharesAreDisjointCoverTheBatchAndKeepItsOrder() {
    for worldSize in 1...16 {
      let sampler = ShardedSampler(datasetCount: 77, globalBatchSize: 48, replicas: 16, seed: 3)
      for step in 0..<5 {
        let shares = (0..<worldSize).map {
          sampler.samples(step: step, rank: $0, worldSize: worldSize)
        }
        #expect(Array(shares.joined()) == sampler.samples(step: step))
        if 16 % worldSize == 0 { #expect(shares.allSatisfy { $0.count == 48 / worldSize }) }
        #expect(
          (0..<16).flatMap { sampler.samples(step: step, replica: $0) }
            == sampler.samples(step: step))
      }
    }
  }

  @Test func moreRanksThanReplicasLeaveSomeWithoutWork() {
    let sampler = ShardedSampler(datasetCount: 10, globalBatchSize: 4, replicas: 2, seed: 3)
    let counts = (0..<3).map { sampler.samples(step: 0, rank: $0, worldSize: 3).count }
    #expect(counts == [0, 2, 2])
  }

  @Test func aBatchMaySpanEpochs() {
    let sampler = ShardedSampler(datasetCount: 5, globalBatchSize: 4, replicas: 1, seed: 3)
    #expect(sampler.samples(step: 1).map(\.epoch) == [0, 1, 1, 1])
    #expect(sampler.samples(step: 1).map(\.position) == [4, 5, 6, 7])
    #expect(sampler.epoch(ofStep: 1) == 0)
    #expect(sampler.epoch(ofStep: 2) == 1)
    let small = ShardedSampler(datasetCount: 1, globalBatchSize: 4, replicas: 1, seed: 3)
    #expect(small.samples(step: 2).map(\.epoch) == [8, 9, 10, 11])
  }

  @Test func aDistantStepNeedsNoHistory() {
    let sampler = ShardedSampler(
      datasetCount: 202_599, globalBatchSize: 16, replicas: 2, seed: 3)
    let step = 100_000_000
    let references = sampler.samples(step: step)
    #expect(references.map(\.position) == Array(step * 16..<step * 16 + 16))
    let permutation = EpochPermutation(
      count: 202_599, seed: 3, epoch: references[0].epoch)
    #expect(references[0].sampleIndex == permutation[step * 16 % 202_599])
  }
}

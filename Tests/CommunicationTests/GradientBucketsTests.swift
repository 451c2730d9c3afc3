import Communication
import TensorCore
import Testing

@Suite struct GradientBucketsTests {
  private static let sizes = [3, 700, 1, 64, 0, 1234, 5]
  private static let replicas = 8

  private static func gradient(_ parameter: Int, replica: Int, step: Int) -> [Float] {
    replicaValues(replica, count: sizes[parameter], seed: UInt64(step * 100 + parameter))
  }

  /// Two steps in which every rank finishes parameters in an order of its own.
  private static func train(
    _ communicator: any Communicator, bucketBytes: Int, wireFormat: WireFormat
  ) throws -> [[Float]] {
    let layout = try ReplicaLayout(
      replicas: replicas, worldSize: communicator.worldSize, rank: communicator.rank)
    let buckets = GradientBuckets(
      communicator: communicator, layout: layout,
      parameters: sizes.enumerated().map { .init(name: "parameter\($0)", count: $1) },
      bucketBytes: bucketBytes, wireFormat: wireFormat)
    var sums: [[Float]] = []
    for step in 0..<2 {
      buckets.beginStep()
      for replica in layout.localReplicas {
        var order = Array(sizes.indices)
        var random = CounterBasedRandom(seed: 5, purpose: .shuffle, sample: replica)
        order.shuffle(using: &random)
        for parameter in order {
          let values = gradient(parameter, replica: replica, step: step)
          _ = buckets.gradient(of: parameter).update(from: values)
          try buckets.markReady(parameter)
          try buckets.poll()
        }
      }
      let backwardEnd = try #require(buckets.backwardEndSeconds)
      try buckets.finish()
      for timing in buckets.timings {
        #expect(try #require(timing.postedSeconds) <= backwardEnd)
        #expect(try #require(timing.doneSeconds) >= (try #require(timing.postedSeconds)))
      }
      sums += sizes.indices.map { Array(buckets.gradient(of: $0)) }
    }
    return sums
  }

  @Test(arguments: [1, 2, 4, 8], WireFormat.allCases)
  func hasTheBitsOfTheCanonicalTree(worldSize: Int, wireFormat: WireFormat) throws {
    let expected = (0..<2).flatMap { step in
      Self.sizes.indices.map { parameter in
        let rows = (0..<Self.replicas).map {
          Self.gradient(parameter, replica: $0, step: step)
        }
        return bits(canonicalSum(rows, wireFormat))
      }
    }
    for bucketBytes in [1, 1024, 1 << 20] {
      let results = try InProcessCommunicator.run(worldSize: worldSize) { communicator in
        try Self.train(communicator, bucketBytes: bucketBytes, wireFormat: wireFormat)
      }
      for (rank, sums) in results.enumerated() {
        let isCanonical = sums.map(bits) == expected
        #expect(isCanonical, "rank \(rank), buckets of \(bucketBytes) bytes")
      }
    }
  }

  /// Replicas that run in lockstep produce the gradients of one parameter after another.
  @Test(arguments: [1, 2, 4]) func replicasInLockstepGiveTheSameBits(worldSize: Int) throws {
    let expected = Self.sizes.indices.map { parameter in
      bits(canonicalSum((0..<Self.replicas).map { Self.gradient(parameter, replica: $0, step: 3) }))
    }
    let results = try InProcessCommunicator.run(worldSize: worldSize) { communicator in
      let layout = try ReplicaLayout(
        replicas: Self.replicas, worldSize: worldSize, rank: communicator.rank)
      let buckets = GradientBuckets(
        communicator: communicator, layout: layout,
        parameters: Self.sizes.enumerated().map { .init(name: "parameter\($0)", count: $1) },
        bucketBytes: 1024)
      buckets.beginStep()
      for parameter in Self.sizes.indices {
        for replica in layout.localReplicas {
          _ = buckets.gradient(of: parameter)
            .update(from: Self.gradient(parameter, replica: replica, step: 3))
          try buckets.markReady(parameter)
        }
      }
      try buckets.finish()
      return Self.sizes.indices.map { Array(buckets.gradient(of: $0)) }
    }
    for (rank, sums) in results.enumerated() {
      let isCanonical = sums.map(bits) == expected
      #expect(isCanonical, "rank \(rank)")
    }
  }

  @Test func runsWithoutMPI() throws {
    let sums = try Self.train(SingleProcessCommunicator(), bucketBytes: 64, wireFormat: .float32)
    let rows = (0..<Self.replicas).map { Self.gradient(1, replica: $0, step: 0) }
    #expect(bits(sums[1]) == bits(canonicalSum(rows)))
  }
}

@Suite struct BucketPlanTests {
  @Test func bucketsCoverTheBufferInOrder() {
    for seed in UInt64(0)..<200 {
      var random = CounterBasedRandom(seed: seed, purpose: .test)
      let parameters = (0..<random.integer(in: 0...30)).map {
        BucketPlan.Parameter(name: "p\($0)", count: random.integer(in: 0...300))
      }
      let bucketBytes = random.integer(in: 1...2000)
      let plan = BucketPlan(parameters: parameters, bucketBytes: bucketBytes)
      #expect(plan.buckets.flatMap(\.parameters) == Array(parameters.indices))
      #expect(plan.buckets.flatMap(\.elements) == Array(0..<plan.elementCount))
      #expect(plan.buckets.dropLast().allSatisfy { $0.elements.count * 4 >= bucketBytes })
      for (index, range) in plan.ranges.enumerated() {
        #expect(range.count == parameters[index].count && range.lowerBound.isMultiple(of: 16))
        let bucket = plan.buckets[plan.bucketOfParameter[index]]
        #expect(bucket.parameters.contains(index))
        #expect(range.isEmpty || bucket.elements.contains(range.upperBound - 1))
      }
    }
  }

  @Test func fingerprintKnowsNamesSizesAndCuts() {
    func fingerprint(_ names: [String], _ counts: [Int], bucketBytes: Int = 100) -> UInt64 {
      let parameters = zip(names, counts).map { BucketPlan.Parameter(name: $0, count: $1) }
      return BucketPlan(parameters: parameters, bucketBytes: bucketBytes).fingerprint
    }
    let original = fingerprint(["a", "b"], [10, 20])
    #expect(original == fingerprint(["a", "b"], [10, 20]))
    #expect(original != fingerprint(["b", "a"], [10, 20]))
    #expect(original != fingerprint(["a", "b"], [11, 20]))
    #expect(original != fingerprint(["a", "b"], [10, 20], bucketBytes: 101))
  }
}

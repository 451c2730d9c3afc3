import Communication
import TensorCore

private let replicas = 8
private let sizes = [3, 1, 700, 64, 0, 2000, 33, 5001, 1]

let bucketCases = [
  SelfTestCase(name: "buckets") { context in
    for bucketBytes in [1, 4096, 1 << 20] {
      for wireFormat in WireFormat.allCases {
        let buckets = try makeBuckets(
          context, bucketBytes: bucketBytes, wireFormat: wireFormat, channel: 0)
        for seed in UInt64(1)...2 {
          try runStep(context, buckets, seed: seed)
          try buckets.finish()
          compare(context, buckets, seed: seed, wireFormat: wireFormat)
        }
      }
    }
  },
  SelfTestCase(name: "buckets-together") { context in
    let first = try makeBuckets(context, bucketBytes: 2048, wireFormat: .float32, channel: 1)
    let second = try makeBuckets(context, bucketBytes: 512, wireFormat: .float32, channel: 2)
    // Ranks start the two in different orders.
    if context.rank.isMultiple(of: 2) { try runStep(context, first, seed: 4) }
    try runStep(context, second, seed: 5)
    if !context.rank.isMultiple(of: 2) { try runStep(context, first, seed: 4) }
    try first.finish()
    try second.finish()
    compare(context, first, seed: 4)
    compare(context, second, seed: 5)
  },
  SelfTestCase(name: "bucket-timings") { context in
    let buckets = try makeBuckets(context, bucketBytes: 2048, wireFormat: .float32, channel: 3)
    context.expect(buckets.timings.count > 3, "\(buckets.timings.count) buckets")
    try runStep(context, buckets, seed: 6)
    let backwardEnd = buckets.backwardEndSeconds ?? 0
    try buckets.finish()
    let early = buckets.timings.filter { $0.postedSeconds ?? .infinity < backwardEnd }
    context.expect(
      early.count == buckets.timings.count - 1, "\(early.count) buckets left during backward")
    for timing in buckets.timings {
      context.expect(
        timing.postedSeconds ?? .infinity <= backwardEnd, "\(timing) left after backward")
      context.expect(
        timing.postedSeconds ?? .infinity <= timing.doneSeconds ?? -1, "\(timing) is in disorder")
    }
  },
  SelfTestCase(name: "buckets-fast") { context in
    let buckets = try makeBuckets(
      context, bucketBytes: 4096, wireFormat: .float32, channel: 0, mode: .fast)
    try runStep(context, buckets, seed: 7, inOrder: true)
    try buckets.finish()
    for (parameter, size) in sizes.enumerated() {
      let expected = canonicalSum(
        replicas: replicas, count: size, seed: 7 &+ UInt64(parameter) << 8)
      let isClose = zip(buckets.gradient(of: parameter), expected).allSatisfy {
        abs($0 - $1) <= 0.01
      }
      context.expect(isClose, "parameter \(parameter) is far from the canonical sum")
    }
  },
]

private func makeBuckets(
  _ context: SelfTestContext, bucketBytes: Int, wireFormat: WireFormat, channel: Int,
  mode: ReductionMode = .canonical
) throws -> GradientBuckets {
  let layout = try ReplicaLayout(
    replicas: replicas, worldSize: context.worldSize, rank: context.rank)
  return GradientBuckets(
    communicator: context.communicator, layout: layout,
    parameters: sizes.enumerated().map { .init(name: "parameter\($0)", count: $1) },
    bucketBytes: bucketBytes, wireFormat: wireFormat, mode: mode, channel: channel)
}

/// A backward pass for each replica, in which every rank finishes parameters in an order of its own.
private func runStep(
  _ context: SelfTestContext, _ buckets: GradientBuckets, seed: UInt64, inOrder: Bool = false
) throws {
  buckets.beginStep()
  let layout = try ReplicaLayout(
    replicas: replicas, worldSize: context.worldSize, rank: context.rank)
  for replica in layout.localReplicas {
    var order = Array(sizes.indices)
    var random = CounterBasedRandom(seed: seed, purpose: .shuffle, sample: replica)
    if !inOrder { order.shuffle(using: &random) }
    for parameter in order {
      let values = replicaValues(
        replica, count: sizes[parameter], seed: seed &+ UInt64(parameter) << 8)
      _ = buckets.gradient(of: parameter).update(from: values)
      try buckets.markReady(parameter)
      try buckets.poll()
    }
  }
}

private func compare(
  _ context: SelfTestContext, _ buckets: GradientBuckets, seed: UInt64,
  wireFormat: WireFormat = .float32
) {
  for (parameter, size) in sizes.enumerated() {
    let expected = canonicalSum(
      replicas: replicas, count: size, seed: seed &+ UInt64(parameter) << 8, wireFormat: wireFormat)
    context.expect(
      sameBits(Array(buckets.gradient(of: parameter)), expected),
      "parameter \(parameter) differs from the canonical sum, \(buckets.plan.bucketBytes) bytes")
  }
}

import Benchmarks
import Testing

/// The arithmetic of the projection, against numbers worked out by hand.
@Suite struct ScalingProjectionTests {
  /// 1 byte takes 1 second, so that bytes are seconds.
  private static func network(latency: Double = 0) -> NetworkModel {
    NetworkModel(gigabitsPerSecond: 8e-9, latencySeconds: latency)
  }

  private static func timeline(
    _ buckets: [(ready: Double, bytes: Int)], poll: Double = 0
  ) -> StepTimeline {
    StepTimeline(
      buckets: buckets.map { .init(readySeconds: $0.ready, bytes: $0.bytes) },
      computeSeconds: 100, updateSeconds: 10, pollSeconds: poll)
  }

  private static func step(
    _ buckets: [(ready: Double, bytes: Int)], nodes: Int, latency: Double = 0, poll: Double = 0
  ) -> Double {
    ScalingProjection(
      timelines: [timeline(buckets, poll: poll)], network: network(latency: latency)
    )
    .stepSeconds(nodes: nodes)
  }

  @Test func oneNodeSendsNothing() {
    #expect(Self.step([(100, 1_000_000)], nodes: 1, latency: 5) == 110)
  }

  @Test func aBucketAtTheEndCostsTheWholeTree() {
    // 2 nodes: half of it there and half of it back. 8 nodes: 32 + 16 + 8, twice.
    #expect(Self.step([(100, 64)], nodes: 2) == 100 + 64 + 10)
    #expect(Self.step([(100, 64)], nodes: 8) == 100 + 112 + 10)
    #expect(Self.step([(100, 64)], nodes: 8, latency: 3) == 100 + 112 + 6 * 3 + 10)
    #expect(
      abs(Self.step([(100, 1024)], nodes: 1024) - (100 + 2 * (1024 - 1) + 10)) < 1e-9)
  }

  @Test func aBucketThatIsEarlyCostsNothing() {
    #expect(Self.step([(30, 64)], nodes: 2) == 110)
    // 4 of its 64 seconds are left when the gradients are computed.
    #expect(Self.step([(40, 64)], nodes: 2) == 114)
  }

  @Test func bucketsShareTheLink() {
    #expect(Self.step([(100, 64), (100, 32)], nodes: 2) == 100 + 96 + 10)
    #expect(Self.step([(0, 64), (10, 80)], nodes: 2) == 144 + 10)
    // The second bucket's bytes go while the first waits for its latency.
    #expect(Self.step([(100, 20), (100, 20)], nodes: 2, latency: 10) == 100 + 40 + 10 + 10)
  }

  @Test func exchangesAreNoticedWhenTheRankLooks() {
    // 5 seconds there, noticed at 20; 5 back, noticed at 40: early enough.
    #expect(Self.step([(12, 10)], nodes: 2, poll: 20) == 110)
    // Ready at 92, there at 97, noticed at the end of the computation, back at 105.
    #expect(Self.step([(92, 10)], nodes: 2, poll: 20) == 105 + 10)
    #expect(Self.step([(92, 10)], nodes: 2, poll: 0) == 102 + 10)
  }

  @Test func moreNodesAndSlowerNetworksAreNeverFaster() {
    for seed in 0..<50 {
      let buckets = (0..<1 + seed % 7).map { index in
        StepTimeline.Bucket(
          readySeconds: Double((seed * 31 + index * 17) % 97) / 97,
          bytes: 1 << (12 + (seed + index * 5) % 12))
      }
      let timeline = StepTimeline(
        buckets: buckets, computeSeconds: 1, updateSeconds: 0.1, pollSeconds: 0)
      var last = NetworkModel.typical.map { _ in 0.0 }
      for exponent in 0...10 {
        let steps = NetworkModel.typical.map {
          ScalingProjection(timelines: [timeline], network: $0).stepSeconds(nodes: 1 << exponent)
        }
        #expect(zip(steps, last).allSatisfy { $0 >= $1 - 1e-12 })
        #expect(steps[0] >= steps[1] && steps[1] >= steps[2])
        // The last bucket cannot be summed before it is ready, nor all of them faster than the link.
        let bytes = Double(buckets.reduce(0) { $0 + $1.bytes })
        let least = 2 * (1 - 1 / Double(1 << exponent)) * bytes * 8 / 1e9
        #expect(steps[0] >= max(1, least) + 0.1 - 1e-12)
        last = steps
      }
    }
  }

  @Test func efficiencyIsThePartThatComputes() {
    let projection = ScalingProjection(
      timelines: [Self.timeline([(100, 64)])], network: Self.network())
    #expect(projection.efficiency(nodes: 1) == 1)
    #expect(projection.efficiency(nodes: 2) == 110.0 / 174)
  }
}

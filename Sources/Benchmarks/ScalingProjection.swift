/// When the gradients of one update of a step are ready, measured on one rank that sends nothing.
package struct StepTimeline: Equatable, Sendable, Encodable {
  /// A part of the gradients that is summed over the ranks at once.
  package struct Bucket: Equatable, Sendable, Encodable {
    /// When the last of its gradients is computed, in seconds from the update's start.
    package let readySeconds: Double
    /// Its size.
    package let bytes: Int

    /// Describes a bucket.
    package init(readySeconds: Double, bytes: Int) {
      (self.readySeconds, self.bytes) = (readySeconds, bytes)
    }
  }

  /// The buckets of all networks that it updates.
  package let buckets: [Bucket]
  /// When all gradients are computed, in seconds from the update's start.
  package let computeSeconds: Double
  /// How long the optimisers take, which begin when all gradients are summed.
  package let updateSeconds: Double
  /// The time between two looks at the messages while gradients are computed.
  package let pollSeconds: Double

  /// Describes an update.
  package init(
    buckets: [Bucket], computeSeconds: Double, updateSeconds: Double, pollSeconds: Double
  ) {
    (self.buckets, self.computeSeconds) = (buckets, computeSeconds)
    (self.updateSeconds, self.pollSeconds) = (updateSeconds, pollSeconds)
  }
}

/// A network by the two numbers of the postal model: each message takes a latency and its bytes.
package struct NetworkModel: Equatable, Sendable, Encodable {
  /// What a node sends a second while it receives as much.
  package let gigabitsPerSecond: Double
  /// The time from one program to another that a message takes besides its bytes.
  package let latencySeconds: Double

  /// Describes a network.
  package init(gigabitsPerSecond: Double, latencySeconds: Double) {
    (self.gigabitsPerSecond, self.latencySeconds) = (gigabitsPerSecond, latencySeconds)
  }

  /// Typical networks: 1 and 10 Gbit/s Ethernet with TCP, 100 Gbit/s InfiniBand.
  package static let typical = [
    NetworkModel(gigabitsPerSecond: 1, latencySeconds: 50e-6),
    NetworkModel(gigabitsPerSecond: 10, latencySeconds: 20e-6),
    NetworkModel(gigabitsPerSecond: 100, latencySeconds: 2e-6),
  ]

  func seconds(bytes: Double) -> Double { bytes * 8 / (gigabitsPerSecond * 1e9) }
}

/// What a step takes on many nodes, each of which computes like the one that was measured.
///
/// A bucket goes through `2 log2(nodes)` exchanges of the summing tree: half of it, a quarter, ... and
/// back. An exchange occupies the node's link for its bytes, first come first served, and is complete a
/// latency later; the rank notices when it next looks, and then starts the bucket's next exchange.
/// Once all gradients are computed it looks all the time.
package struct ScalingProjection: Sendable {
  private let timelines: [StepTimeline]
  private let network: NetworkModel

  /// Projects a measured step onto a network: its updates, one after another.
  package init(timelines: [StepTimeline], network: NetworkModel) {
    (self.timelines, self.network) = (timelines, network)
  }

  /// The duration of a step.
  ///
  /// - Parameter nodes: The number of nodes, a power of two.
  /// - Returns: Seconds; with one node those that were measured.
  package func stepSeconds(nodes: Int) -> Double {
    timelines.reduce(0) { sum, timeline in
      sum + max(timeline.computeSeconds, summedSeconds(timeline, nodes: nodes))
        + timeline.updateSeconds
    }
  }

  /// The part of a step on many nodes that one node without messages would take as well: the weak
  /// scaling efficiency.
  package func efficiency(nodes: Int) -> Double {
    timelines.reduce(0) { $0 + $1.computeSeconds + $1.updateSeconds } / stepSeconds(nodes: nodes)
  }

  /// When the last bucket is summed, in seconds from the update's start.
  private func summedSeconds(_ timeline: StepTimeline, nodes: Int) -> Double {
    precondition(nodes > 0 && nodes & (nodes - 1) == 0, "the tree has a power of two of nodes")
    let levels = nodes.trailingZeroBitCount
    guard levels > 0 else { return 0 }
    // What each bucket does next: when it may start, and which exchange.
    var waiting = timeline.buckets.map {
      (bytes: Double($0.bytes), time: $0.readySeconds, stage: 0)
    }
    var linkFree = 0.0
    var end = 0.0
    while let next = waiting.indices.min(by: { waiting[$0].time < waiting[$1].time }) {
      var bucket = waiting[next]
      let level = min(bucket.stage, 2 * levels - 1 - bucket.stage)
      let start = max(bucket.time, linkFree)
      linkFree = start + network.seconds(bytes: bucket.bytes / Double(2 << level))
      bucket.time = noticed(linkFree + network.latencySeconds, timeline)
      bucket.stage += 1
      end = max(end, bucket.time)
      if bucket.stage == 2 * levels { waiting.remove(at: next) } else { waiting[next] = bucket }
    }
    return end
  }

  /// When the rank next looks at its messages.
  private func noticed(_ time: Double, _ timeline: StepTimeline) -> Double {
    guard time < timeline.computeSeconds, timeline.pollSeconds > 0 else { return time }
    return min(
      (time / timeline.pollSeconds).rounded(.up) * timeline.pollSeconds, timeline.computeSeconds)
  }
}

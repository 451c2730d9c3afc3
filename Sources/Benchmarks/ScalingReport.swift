import Foundation

extension ScalingBenchmark.Result {
  /// The numbers of nodes of the projection.
  private static let nodes = (2...10).map { 1 << $0 }

  private struct Report: Encodable {
    struct Projection: Encodable {
      let gigabitsPerSecond: Double
      let latencySeconds: Double
      let nodes: Int
      let secondsPerStep: Double
      let efficiency: Double
    }

    let processor: String
    let ranks: Int
    let batch: Int
    let secondsPerStep: Double
    let secondsPerStepWithoutSum: Double
    let secondsPerStepOneRank: Double
    let secondsPerStepWholeBatchOneRank: Double
    let secondsPerStepOneRankTwoThreads: Double?
    let weakEfficiency: Double
    let communicationEfficiency: Double
    let strongSpeedup: Double
    let threadSpeedup: Double?
    let timelines: [StepTimeline]
    let projections: [Projection]
    let assumptions: [String]
  }

  /// One JSON object on one line.
  ///
  /// - Throws: Where a number is not finite.
  package func json() throws -> String {
    let report = Report(
      processor: processorName, ranks: ranks, batch: batch, secondsPerStep: allRanksSeconds,
      secondsPerStepWithoutSum: withoutSumSeconds, secondsPerStepOneRank: oneRankSeconds,
      secondsPerStepWholeBatchOneRank: wholeBatchSeconds,
      secondsPerStepOneRankTwoThreads: twoThreadsSeconds, weakEfficiency: weakEfficiency,
      communicationEfficiency: communicationEfficiency, strongSpeedup: strongSpeedup,
      threadSpeedup: threadSpeedup, timelines: timelines,
      projections: NetworkModel.typical.flatMap { network in
        let projection = ScalingProjection(timelines: timelines, network: network)
        return Self.nodes.map { nodes in
          Report.Projection(
            gigabitsPerSecond: network.gigabitsPerSecond, latencySeconds: network.latencySeconds,
            nodes: nodes, secondsPerStep: projection.stepSeconds(nodes: nodes),
            efficiency: projection.efficiency(nodes: nodes))
        }
      }, assumptions: assumptions)
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }

  /// The head of the rows of `countRow`.
  package static let countsHead = row(
    "ranks", ["weak", "without sum", "strong", "s a step"])

  /// What so many ranks gain over one, as a row.
  package var countRow: String {
    Self.row(
      "\(ranks)",
      [
        percent(weakEfficiency), percent(communicationEfficiency), "\(fixed(strongSpeedup, 2))x",
        fixed(allRanksSeconds, 3),
      ])
  }

  /// A table for people.
  package var table: String {
    let buckets = timelines.flatMap(\.buckets)
    let megabytes = Double(buckets.reduce(0) { $0 + $1.bytes }) / 1e6
    var lines = [
      "\(processorName); one thread a rank, batch \(batch), medians",
      "1 -> \(ranks) ranks, same batch a rank (weak): \(percent(weakEfficiency)) "
        + "(\(fixed(oneRankSeconds, 3)) s, \(fixed(allRanksSeconds, 3)) s a step)",
      "without / with the sum of gradients (communication): \(percent(communicationEfficiency)) "
        + "(\(fixed(withoutSumSeconds, 3)) s, \(fixed(allRanksSeconds, 3)) s)",
      "1 -> \(ranks) ranks, same global batch (strong): \(fixed(strongSpeedup, 2))x "
        + "(\(fixed(wholeBatchSeconds, 3)) s, \(fixed(allRanksSeconds, 3)) s)",
    ]
    if let threadSpeedup, let twoThreadsSeconds {
      lines.append(
        "1 -> 2 threads of one rank: \(fixed(threadSpeedup, 2))x "
          + "(\(fixed(oneRankSeconds, 3)) s, \(fixed(twoThreadsSeconds, 3)) s)")
    } else {
      lines.append(
        "1 -> 2 threads: not measured on one processor; start mpirun with --bind-to none")
    }
    lines.append(
      "projected weak scaling, \(fixed(megabytes, 1)) MB of gradients in \(buckets.count) buckets:")
    lines.append(
      Self.row("nodes", NetworkModel.typical.map { "\(fixed($0.gigabitsPerSecond, 0)) Gbit/s" }))
    for nodes in Self.nodes {
      lines.append(
        Self.row(
          "\(nodes)",
          NetworkModel.typical.map {
            percent(ScalingProjection(timelines: timelines, network: $0).efficiency(nodes: nodes))
          }))
    }
    return (lines + ["assuming:"] + assumptions.map { "- \($0)" }).joined(separator: "\n")
  }

  /// What the projection takes for granted.
  private var assumptions: [String] {
    let latencies = NetworkModel.typical.map {
      "\(fixed($0.latencySeconds * 1e6, 0)) us at \(fixed($0.gigabitsPerSecond, 0)) Gbit/s"
    }
    let pollSeconds = timelines.map(\.pollSeconds).max() ?? 0
    return [
      "one rank a node; every node computes as fast as this rank did, and none is late",
      "a full-duplex network in which all nodes send at once at the full rate",
      "a bucket takes 2 log2(nodes) exchanges, 2 (1 - 1/nodes) of its bytes each way",
      "a latency for each exchange: \(latencies.joined(separator: ", "))",
      "ranks look for messages every \(fixed(pollSeconds * 1000, 1)) ms while they compute "
        + "gradients, and all the time afterwards",
      "sending, receiving and adding take no time from computing",
    ]
  }

  private func percent(_ share: Double) -> String { "\(fixed(100 * share, 1)) %" }

  private static func row(_ name: String, _ columns: [String]) -> String {
    ([name] + columns).map { String(repeating: " ", count: max(0, 12 - $0.count)) + $0 }.joined()
  }
}

/// The processor's own name, where the system tells it.
private var processorName: String {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
  return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    ?? "unknown processor"
}

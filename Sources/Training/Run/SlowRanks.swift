package import Communication

/// Finds ranks whose own work takes longer than that of the others, which wait for them.
package struct SlowRanks {
  /// Steps between two comparisons.
  package static let interval = 50
  /// A rank this many times slower than the middle one is named.
  private static let tolerance = 1.5

  private var seconds: [Double] = []
  private var steps = 0

  /// Starts without measurements.
  package init() {}

  /// Adds what each rank's own work has taken in a step, without its waiting for others.
  package mutating func add(ownSeconds: [Double]) {
    if seconds.isEmpty { seconds = ownSeconds.map { _ in 0 } }
    for (rank, own) in ownSeconds.enumerated() { seconds[rank] += own }
    steps += 1
  }

  /// Compares the ranks where a comparison is due; collective.
  ///
  /// - Parameters:
  ///   - step: The step that has ended.
  ///   - communicator: The ranks.
  /// - Returns: A line for each slow rank, the same on every rank.
  /// - Throws: The communicator's errors.
  package mutating func findings(
    after step: Int, _ communicator: any Communicator
  ) throws(CommunicationError) -> [String] {
    guard seconds.count > 1, step.isMultiple(of: Self.interval) else { return [] }
    let means = seconds.map { $0 / Double(steps) }
    self = SlowRanks()
    let middle = means.sorted()[(means.count - 1) / 2]
    let slow = means.indices.filter { means[$0] > Self.tolerance * middle }
    guard !slow.isEmpty else { return [] }
    let hosts = try communicator.allGather(Array(communicator.hostName.utf8))
    return slow.map { rank in
      "rank \(rank) on \(String(decoding: hosts[rank], as: UTF8.self)) is slow: its own work takes "
        + "\(milliseconds(means[rank])) ms a step, that of the middle rank "
        + "\(milliseconds(middle)) ms; the others wait \(milliseconds(means[rank] - middle)) ms a "
        + "step for it"
    }
  }

  private func milliseconds(_ seconds: Double) -> String {
    "\((seconds * 10_000).rounded() / 10)"
  }
}

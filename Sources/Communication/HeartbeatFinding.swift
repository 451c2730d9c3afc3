/// A rank that keeps a run from going on.
package struct HeartbeatFinding: Equatable, Sendable, CustomStringConvertible {
  /// The ways in which a run comes to a halt.
  package enum Cause: String, Sendable {
    /// The process does not beat: stopped, dead, or its host is gone.
    case stopped
    /// The process beats, but its work does not go on while others wait.
    case lagging
    /// All ranks beat and wait in the same step: messages do not arrive.
    case transportStuck
  }

  /// What is wrong.
  package let cause: Cause
  /// The rank.
  package let rank: Int
  /// The name of its machine.
  package let hostName: String
  /// Its process.
  package let processIdentifier: Int32
  /// The step it is in, as far as is known.
  package let step: Int
  /// The phase it is in, as far as is known.
  package let phase: String
  /// For how long it has not beaten (`stopped`) or not moved on (otherwise).
  package let secondsSilent: Double

  /// Names rank, host, process, step, phase, time and cause.
  package var description: String {
    let tenths = Int((secondsSilent * 10).rounded())
    let seconds = "\(tenths / 10).\(tenths % 10) s"
    let diagnosis =
      switch cause {
      case .stopped: "is stopped: no heartbeat for \(seconds)"
      case .lagging: "is lagging: alive, but without progress for \(seconds) while others wait"
      case .transportStuck:
        "waits like all others: transport stuck, no message arrived for \(seconds)"
      }
    return
      "rank \(rank) (host \(hostName), pid \(processIdentifier)) \(diagnosis); "
      + "step \(step), phase \(phase)"
  }
}

import Foundation
import Synchronization

/// Watches a process that has not begun its work: ranks that do not find each other are ended after a
/// while, and a request to stop is obeyed at once.
///
/// MPI waits for ever for a rank that it cannot reach, and a thread that waits inside it hears of
/// nothing. This one is not MPI's.
package enum StartGuard {
  private enum Stage {
    /// MPI starts, and the ranks look for each other.
    case meeting
    /// Nothing that a stop would lose has been done.
    case preparing
    /// The work has begun, or needs no watching.
    case over
  }

  private static let stage = Mutex(Stage.over)
  private static let tickSeconds = 0.1

  /// Seconds that the ranks have to find each other, of the environment's `INPAINT_START_SECONDS`; 0 is
  /// as long as it takes.
  package static var limitSeconds: Double {
    let text = ProcessInfo.processInfo.environment["INPAINT_START_SECONDS"]
    return text.flatMap { Double($0) }.map { min(max($0, 0), 1e6) } ?? 120
  }

  /// Watches from now on until the ranks have met; call it before MPI starts.
  ///
  /// - Parameters:
  ///   - rank: This rank as far as the environment knows; 0 speaks first.
  ///   - limitSeconds: Seconds until the process ends with `ExitCode.unavailable`; 0 for no limit.
  package static func watchMeeting(rank: Int, limitSeconds: Double) {
    stage.withLock { $0 = .meeting }
    // The others follow a little later, where their launcher has not ended them by then.
    watch(rank: rank, limitSeconds: limitSeconds > 0 ? limitSeconds + (rank == 0 ? 0 : 2) : 0)
  }

  /// Says that the ranks have met: nothing is watched any more.
  package static func ranksHaveMet() { stage.withLock { $0 = .over } }

  /// Ends the process with `ExitCode.stopped` when a signal asks for a stop, until `finish`.
  package static func leaveOnRequest(rank: Int) {
    stage.withLock { $0 = .preparing }
    watch(rank: rank, limitSeconds: 0)
  }

  /// Says that the work begins, which obeys requests to stop in its own way.
  package static func finish() { stage.withLock { $0 = .over } }

  private static func watch(rank: Int, limitSeconds: Double) {
    let watched = stage.withLock { $0 }
    Thread.detachNewThread {
      // Counted, so that a process that was stopped for a while is given its time all the same.
      var seconds = 0.0
      while true {
        Thread.sleep(forTimeInterval: tickSeconds)
        seconds += tickSeconds
        stage.withLock { stage in
          guard stage == watched else { return }
          if let signal = StopSignals.pending { stop(signal, rank: rank) }
          if limitSeconds > 0, seconds >= limitSeconds { giveUp(rank: rank, limitSeconds) }
        }
        guard stage.withLock({ $0 }) == watched else { return }
      }
    }
  }

  private static func stop(_ signal: Int32, rank: Int) -> Never {
    if rank == 0 {
      tell(
        "\(StopSignals.name(signal)) before the first step: there is nothing new to save; the same "
          + "command starts again where this one did")
    } else {
      usleep(300_000)
    }
    _exit(ExitCode.stopped)
  }

  private static func giveUp(rank: Int, _ seconds: Double) -> Never {
    tell(
      """
      rank \(rank) on \(ProcessInfo.processInfo.hostName): the ranks have not found each other within \
      \(Int(seconds)) s. What to try:
        several hosts: launch/cluster --interface NAME, or OMPI_MCA_btl_tcp_if_include=NETWORK, names \
      the network that joins them; bridges such as docker0 have the same address everywhere
        TMPDIR (\(FileManager.default.temporaryDirectory.path)): MPI keeps files there; it must not be \
      full or read-only
        ulimit -n: MPI opens some dozens of files a rank
        a slow start: --start-timeout SECONDS of the launchers, or INPAINT_START_SECONDS (0: no limit)
      """)
    _exit(ExitCode.unavailable)
  }

  private static func tell(_ message: String) {
    try? FileHandle.standardError.write(contentsOf: Data("inpaint: \(message)\n".utf8))
  }
}

import CMPI
import Foundation

/// Requests to stop that arrive as signals.
///
/// The handler only sets a flag. The training loop reads it once a step and lets it ride on an
/// exchange of that step, so that all ranks stop at the same one, save, and leave with
/// `ExitCode.stopped`. A second signal ends the process at once with 128 + its number: nothing was
/// saved, so the code differs, and checkpoints that exist are valid at every instant.
package enum StopSignals {
  /// The signals that ask for a stop: SIGTERM, SIGINT, SIGUSR1, which mpirun forwards at once, SIGHUP of
  /// a terminal that is closed, and SIGXCPU of `ulimit -t`.
  package static let all: [Int32] = [SIGTERM, SIGINT, SIGUSR1, SIGHUP, SIGXCPU]

  /// Installs the handlers; call it first thing, before MPI starts.
  ///
  /// A write to a closed pipe or beyond a limit of size then fails like any other, instead of ending
  /// the process, and what is meant for a closed standard stream goes into no other file.
  ///
  /// - Parameter graceMilliseconds: Signals within this time of the first are the same request,
  ///   which launchers and schedulers deliver by several roads.
  /// - Throws: A system error.
  package static func install(graceMilliseconds: Int = usualGrace) throws(CommunicationError) {
    cmpi_signals_fill_standard_streams()
    cmpi_signals_warn_before_time_is_up()
    for ignored in [SIGPIPE, SIGXFSZ] { signal(ignored, SIG_IGN) }
    for signal in all {
      let error = cmpi_signals_install(signal, Int32(graceMilliseconds))
      guard error == 0 else {
        throw CommunicationError(
          .system, "cannot handle signal \(signal): \(String(cString: strerror(error)))")
      }
    }
  }

  /// A tenth of a second, or what the environment's `INPAINT_STOP_GRACE_SECONDS` says: schedulers may tell
  /// ranks of one request again and again.
  package static var usualGrace: Int {
    let text = ProcessInfo.processInfo.environment["INPAINT_STOP_GRACE_SECONDS"]
    return text.flatMap { Double($0) }.map { Int(min(max($0, 0), 3600) * 1000) } ?? 100
  }

  /// The first signal that asked for a stop, if any did.
  package static var pending: Int32? {
    let signal = cmpi_signals_pending()
    return signal == 0 ? nil : signal
  }

  /// The name of a stop signal.
  package static func name(_ signal: Int32) -> String {
    switch signal {
    case SIGTERM: "SIGTERM"
    case SIGINT: "SIGINT"
    case SIGUSR1: "SIGUSR1"
    case SIGHUP: "SIGHUP"
    case SIGXCPU: "SIGXCPU"
    default: "signal \(signal)"
    }
  }
}

/// The exit codes that belong to running on several ranks.
package enum ExitCode {
  /// The ranks could not be started, or did not find each other.
  package static let unavailable: Int32 = 69
  /// Stopped by a signal after saving; run again to go on.
  package static let stopped: Int32 = 75
  /// The watchdog ended a run that had come to a halt.
  package static let hang: Int32 = 80
}

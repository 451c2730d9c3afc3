import CMPI
import Foundation

/// Requests to stop that arrive as signals.
///
/// The handler only sets a flag. The training loop reads it once a step and lets it ride on an
/// exchange of that step, so that all ranks stop at the same one, save, and leave with
/// `ExitCode.stopped`. A second signal ends the process at once with 128 + its number: nothing was
/// saved, so the code differs, and checkpoints that exist are valid at every instant.
package enum StopSignals {
  /// The signals that ask for a stop: SIGTERM, SIGINT and SIGUSR1, which mpirun forwards at once.
  package static let all: [Int32] = [SIGTERM, SIGINT, SIGUSR1]

  /// Installs the handlers; call it first thing, before MPI starts.
  ///
  /// A write to a closed pipe or beyond a limit of size then fails like any other, instead of ending
  /// the process.
  ///
  /// - Parameter graceMilliseconds: Signals within this time of the first are the same request,
  ///   which launchers and schedulers deliver by several roads.
  /// - Throws: A system error.
  package static func install(graceMilliseconds: Int = 100) throws(CommunicationError) {
    for ignored in [SIGPIPE, SIGXFSZ] { signal(ignored, SIG_IGN) }
    for signal in all {
      let error = cmpi_signals_install(signal, Int32(graceMilliseconds))
      guard error == 0 else {
        throw CommunicationError(
          .system, "cannot handle signal \(signal): \(String(cString: strerror(error)))")
      }
    }
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
    default: "signal \(signal)"
    }
  }
}

/// The exit codes that belong to running on several ranks.
package enum ExitCode {
  /// Stopped by a signal after saving; run again to go on.
  package static let stopped: Int32 = 75
  /// The watchdog ended a run that had come to a halt.
  package static let hang: Int32 = 80
}

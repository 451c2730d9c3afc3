import Checkpoints
import Communication
import Configuration
import Kernels
import Metrics
import Synchronization

extension Session {
  /// Starts the watchdog, which ends a run of several ranks that does not go on; collective.
  ///
  /// Convolutions, bytes of checkpoints and scores count as progress: however large a step is, slow the
  /// disk, or many the held-out pictures, a rank that gets something done is not taken for one that has come to a halt.
  ///
  /// - Returns: Nil where the configuration leaves it out.
  /// - Throws: What went wrong between the ranks.
  func startWatchdog(_ progress: ProgressReport) throws -> Heartbeat? {
    let training = configuration.training
    guard training.watchdogAbortSeconds > 0 else { return nil }
    var settings = Heartbeat.Settings()
    settings.warnSeconds = Double(training.watchdogWarnSeconds)
    settings.abortSeconds = Double(training.watchdogAbortSeconds)
    settings.intervalSeconds = min(settings.intervalSeconds, settings.warnSeconds / 10)
    let heartbeat = try Heartbeat(
      communicator, directory: directory.path, settings: settings,
      finishedWork: {
        KernelStatistics.convolutions.load(ordering: .relaxed)
          + DurableWriteStatistics.byteCount.load(ordering: .relaxed)
          + ScoringStatistics.finished.load(ordering: .relaxed)
      })
    if let limitation = heartbeat.limitation, communicator.isRoot { progress.warn(limitation) }
    return heartbeat
  }
}

import Foundation
import Synchronization

/// Tells the other ranks that this one is alive and where it is, and watches them.
///
/// A thread of its own, which never calls MPI, writes this rank's slot of a file in the run
/// directory and reads those of the others: a rank that hangs in a reduction cannot answer
/// messages, but its thread can. After `warnSeconds` a halt is reported, after `abortSeconds` the
/// run is ended.
///
/// A rank moves on when it enters a phase or when its count of finished work grows, so a phase may
/// take as long as it likes while it gets work done.
package final class Heartbeat: Sendable {
  /// What the watchdog tells its handler.
  package enum Event: Sendable {
    /// The run has made no progress for `warnSeconds`; reported once.
    case warning([HeartbeatFinding])
    /// The run has made no progress for `abortSeconds`; the handler ends it.
    case abort([HeartbeatFinding])
  }

  /// How often to beat and how long to wait.
  package struct Settings: Sendable {
    /// The time between two beats.
    package var intervalSeconds = 0.5
    /// After this time without progress the halt is reported.
    package var warnSeconds = 30.0
    /// After this time without progress the run is ended.
    package var abortSeconds = 120.0

    /// The defaults: half a second, 30 seconds, 120 seconds.
    package init() {}
  }

  /// Which ranks this one can watch, in words; nil where it is all of them.
  package let limitation: String?

  private let rank: Int
  private let worldSize: Int
  private let file: HeartbeatFile
  private let watched: Set<Int>
  private let settings: Settings
  private let finishedWork: @Sendable () -> Int
  private let handler: @Sendable (Event) -> Void
  private let record: Mutex<HeartbeatRecord>

  /// Starts to beat and to watch; collective, and once for a run.
  ///
  /// A run of one rank only keeps its record: there is nobody to watch. Ranks that do not see the
  /// file of rank 0 watch those of their own host instead.
  ///
  /// - Parameters:
  ///   - communicator: The ranks.
  ///   - directory: The run directory, which all ranks should see.
  ///   - settings: How often to beat and how long to wait.
  ///   - finishedWork: Counts what this process gets done inside a phase; called on the watchdog's
  ///     thread, must not wait, and never goes down.
  ///   - handler: Called on the watchdog's thread of the lowest rank that is alive.
  /// - Throws: The communicator's errors.
  package init(
    _ communicator: any Communicator, directory: String, settings: Settings = Settings(),
    finishedWork: @escaping @Sendable () -> Int = { 0 },
    handler: @escaping @Sendable (Event) -> Void = Heartbeat.reportAndExit
  ) throws(CommunicationError) {
    rank = communicator.rank
    worldSize = communicator.worldSize
    self.settings = settings
    self.finishedWork = finishedWork
    self.handler = handler
    var record = HeartbeatRecord()
    record.processIdentifier = getpid()
    record.hostName = communicator.hostName
    self.record = Mutex(record)
    let place = try HeartbeatPlace(communicator, directory: directory, record: record)
    (file, watched, limitation) = (place.file, place.watched, place.limitation)
    guard watched.count > 1 else { return }
    Thread.detachNewThread { self.beatAndWatch() }
  }

  /// Says where this rank is; costs well under a microsecond.
  ///
  /// - Parameters:
  ///   - phase: A word for the log, such as "data", "generator-backward" or "reduction".
  ///   - step: The step; nil for the one before.
  ///   - waits: Whether the phase waits for other ranks, so that they are to blame if it lasts.
  package func enter(_ phase: StaticString, step: Int? = nil, waits: Bool = false) {
    record.withLock {
      $0.progress += 1
      if let step { $0.step = step }
      $0.phase = "\(phase)"
      $0.activity = waits ? .waiting : .working
    }
  }

  /// Says that this rank is done and will beat no more.
  package func finish() {
    let last = record.withLock {
      $0.activity = .finished
      $0.beat += 1
      return $0
    }
    guard watched.count > 1 else { return }
    _ = file.write(last, rank: rank)
    if rank == watched.min() { file.remove() }
  }

  /// Prints what was found, and on `abort` ends this process, which makes the launcher end all.
  ///
  /// It neither finalises MPI, which would hang, nor aborts through it, which only the thread that
  /// started MPI may do.
  package static let reportAndExit: @Sendable (Event) -> Void = { event in
    let (findings, action) =
      switch event {
      case .warning(let findings): (findings, "waiting")
      case .abort(let findings): (findings, "ending the run with exit code \(ExitCode.hang)")
      }
    let lines = findings.map { "watchdog: \($0); \(action)\n" }.joined()
    try? FileHandle.standardError.write(contentsOf: Data(lines.utf8))
    if case .abort = event { _exit(ExitCode.hang) }
  }

  private func beatAndWatch() {
    var last = monotonicSeconds()
    var observer = HeartbeatObserver(worldSize: worldSize, watched: watched, now: last)
    var hasWarned = false
    var othersEnd = false
    while true {
      var current = record.withLock {
        $0.beat += 1
        return $0
      }
      current.progress += finishedWork()
      if current.activity == .finished { return }
      // A file that cannot be written, on a full disk for instance, must not end the run; the other
      // ranks report the silence.
      _ = file.write(current, rank: rank)
      Thread.sleep(forTimeInterval: settings.intervalSeconds)
      let now = monotonicSeconds()
      // After a pause of this whole process, everybody's silence is its own.
      if now - last > settings.intervalSeconds + settings.warnSeconds / 2 {
        observer.restart(now: now)
      }
      last = now
      observer.observe(file.read(worldSize: worldSize), now: now)
      if observer.isEnding && !othersEnd {
        othersEnd = true
        hasWarned = true
        observer.restart(now: now)
      }
      guard observer.isReporter(rank, limit: settings.warnSeconds, now: now) else { continue }
      let warnings = findings(observer, limit: settings.warnSeconds, now: now)
      if !warnings.isEmpty && !hasWarned { handler(.warning(warnings)) }
      hasWarned = !warnings.isEmpty || othersEnd
      let halts = findings(observer, limit: settings.abortSeconds, now: now)
      guard halts.isEmpty else { return end(halts) }
    }
  }

  private func findings(
    _ observer: HeartbeatObserver, limit: Double, now: Double
  ) -> [HeartbeatFinding] {
    let beatTimeout = max(6 * settings.intervalSeconds, limit / 4)
    return observer.findings(limit: limit, beatTimeout: beatTimeout, now: now)
  }

  /// Lets the other ranks know, then hands over to the handler.
  private func end(_ halts: [HeartbeatFinding]) {
    let last = record.withLock {
      $0.activity = .ending
      $0.beat += 1
      return $0
    }
    _ = file.write(last, rank: rank)
    handler(.abort(halts))
  }
}

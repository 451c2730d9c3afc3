import Foundation
import Synchronization

/// Records what this process does and when, while a trace is being taken.
///
/// Off until `start`: a span then costs one read of a flag, and its name is never made. Any thread may
/// record. Times are those of `now`, this machine's monotonic clock.
package enum Trace {
  /// How many events are kept; those that follow are counted only.
  package static let capacity = 1_000_000

  /// What was recorded.
  package struct Recording: Equatable, Sendable {
    /// In the order in which they ended.
    package var events: [TraceEvent] = []
    /// The number of events beyond the capacity.
    package var dropped = 0

    /// Makes an empty recording.
    package init() {}
  }

  private static let recording = Mutex(Recording())
  private static let isOn = Atomic<Bool>(false)

  /// Whether a trace is being taken.
  package static var isActive: Bool { isOn.load(ordering: .relaxed) }

  /// Starts a new trace.
  package static func start() {
    recording.withLock { $0 = Recording() }
    isOn.store(true, ordering: .relaxed)
  }

  /// Ends the trace and returns it.
  package static func stop() -> Recording {
    isOn.store(false, ordering: .relaxed)
    return recording.withLock { recording in
      defer { recording = Recording() }
      return recording
    }
  }

  /// Runs a piece of work and records how long it took, whether it throws or not.
  ///
  /// Spans of one lane nest: those of one thread, in time.
  ///
  /// - Parameters:
  ///   - name: What is done.
  ///   - lane: Where it is drawn.
  ///   - body: The work.
  /// - Returns: What the work returns.
  /// - Throws: What the work throws.
  package static func span<Value, Failure: Error>(
    _ name: @autoclosure () -> String, _ lane: TraceLane = .compute,
    body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    guard isActive else { return try body() }
    let start = now()
    defer { add(TraceEvent(name: name(), lane: lane, start: start, end: now())) }
    return try body()
  }

  /// Records an event that is over.
  package static func add(_ event: @autoclosure () -> TraceEvent) {
    guard isActive else { return }
    let event = event()
    recording.withLock { recording in
      if recording.events.count < capacity {
        recording.events.append(event)
      } else {
        recording.dropped += 1
      }
    }
  }

  /// The time in seconds on this machine's monotonic clock.
  package static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

package import Communication

/// The part of a step that this rank is in, for the watchdog.
///
/// Whatever takes part in a step says so through `enter`; it does not need to know who listens.
package enum StepPhase {
  /// The watchdog's record of this rank, while this thread trains.
  @TaskLocal package static var heartbeat: Heartbeat?

  /// Says that a part of the step begins.
  ///
  /// - Parameters:
  ///   - phase: A word for the log, such as "data", "generator-forward" or "reduction".
  ///   - step: The step; nil for the same as before.
  ///   - waits: Whether the phase waits for other ranks, so that they are to blame if it lasts.
  package static func enter(_ phase: StaticString, step: Int? = nil, waits: Bool = false) {
    heartbeat?.enter(phase, step: step, waits: waits)
  }
}

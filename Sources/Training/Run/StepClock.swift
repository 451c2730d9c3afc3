import Communication

/// Where one rank's time in a step goes.
///
/// It decides nothing: the numbers are only shown.
struct StepClock {
  private var begun = monotonicSeconds()
  private var loaded = 0.0
  private var agreed = 0.0

  /// Names of the parts, in the order of `parts`.
  static let names = ["compute", "data", "wait"]

  /// The step begins.
  mutating func begin() { begun = monotonicSeconds() }

  /// This rank has its pictures.
  mutating func hasLoaded() { loaded = monotonicSeconds() }

  /// All ranks have their pictures.
  mutating func haveAllLoaded() { agreed = monotonicSeconds() }

  /// Seconds until now that went into computing, waiting for pictures, and waiting for other ranks.
  ///
  /// - Parameter exposedSeconds: How long the sums of the gradients were waited for.
  /// - Returns: A number for each of `names`.
  func parts(exposedSeconds: Double) -> [Double] {
    [
      monotonicSeconds() - agreed - exposedSeconds, loaded - begun,
      agreed - loaded + exposedSeconds,
    ]
  }
}

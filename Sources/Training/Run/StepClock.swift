import Communication

/// Where one rank's time in a step goes.
///
/// It decides nothing: the numbers are only shown.
struct StepClock {
  private var begun = monotonicSeconds()
  private var loaded = 0.0
  private var agreed = 0.0
  private var waited = 0.0

  /// Names of the parts, in the order of `parts`.
  static let names = ["compute", "data", "wait"]
  /// The place of waiting for pictures.
  static let data = 1

  /// The step begins.
  mutating func begin() { (begun, waited) = (monotonicSeconds(), 0) }

  /// This rank has its pictures.
  mutating func hasLoaded() { loaded = monotonicSeconds() }

  /// All ranks have their pictures.
  mutating func haveAllLoaded() { agreed = monotonicSeconds() }

  /// This rank has waited for other ranks while it had its pictures.
  mutating func hasWaited(_ seconds: Double) { waited += seconds }

  /// Seconds until now that went into computing, waiting for pictures, and waiting for other ranks:
  /// a number for each of `names`.
  var parts: [Double] {
    [monotonicSeconds() - agreed - waited, loaded - begun, agreed - loaded + waited]
  }
}

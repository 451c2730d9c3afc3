import Foundation

/// Tells people how far a count has come: one line that is rewritten on a terminal, plain lines in a
/// log.
final class CountProgress {
  private let total: Int
  private let noun: String
  private let output = ProgressOutput()
  private let start = ContinuousClock.now
  private var lastPrint: ContinuousClock.Instant?
  private var firstCount: Int?

  /// Reports to standard output about a count up to `total`.
  init(total: Int, noun: String) {
    (self.total, self.noun) = (total, noun)
  }

  /// Reports a count; a line appears only so often that people can read it.
  func update(_ count: Int) {
    let now = ContinuousClock.now
    let first = firstCount ?? count
    firstCount = first
    let interval: Duration = output.isTerminal ? .milliseconds(200) : .seconds(10)
    guard now - (lastPrint ?? start) >= interval else { return }
    lastPrint = now
    let perSecond = Double(count - first) / ((now - start) / .seconds(1))
    let left = perSecond > 0 ? ", \(Int(Double(total - count) / perSecond)) s left" : ""
    output.rewrite(["\(count) of \(total) \(noun), \(Int(perSecond)) a second\(left)"])
  }

  /// Leaves the rewritten line as it is.
  func end() {
    if output.isTerminal, lastPrint != nil { output.write("\n") }
  }
}

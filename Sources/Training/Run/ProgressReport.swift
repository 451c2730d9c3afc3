import Foundation

/// Tells people how training goes: one line that is rewritten on a terminal, plain lines in a log.
package final class ProgressReport {
  private let totalSteps: Int
  private let output = ProgressOutput()
  private let start = ContinuousClock.now
  private var firstStep: Int?
  private var lastPrint: ContinuousClock.Instant?
  /// A log gets a line this often.
  private let logInterval = Duration.seconds(10)

  /// Reports to standard output about a run of so many steps.
  package init(totalSteps: Int) { self.totalSteps = totalSteps }

  /// Reports a step; a line appears only so often that people can read it.
  ///
  /// - Parameters:
  ///   - step: Its number.
  ///   - imagesPerSecond: The speed.
  ///   - score: The last score on held-out pictures; nil before the first.
  ///   - losses: The losses, the most important ones first.
  package func step(
    _ step: Int, imagesPerSecond: Double, score: (name: String, value: Double)? = nil,
    losses: LossTerms
  ) {
    let now = ContinuousClock.now
    let begun = firstStep ?? step - 1
    firstStep = begun
    let isDue =
      lastPrint.map { now - $0 >= (output.isTerminal ? .milliseconds(200) : logInterval) } ?? true
    guard isDue || step == totalSteps else { return }
    lastPrint = now
    let secondsPerStep = (now - start) / .seconds(1) / Double(step - begun)
    output.rewrite(
      [
        "step \(step)/\(totalSteps)", "\(format(imagesPerSecond, 1)) images/s",
        "\(remaining(secondsPerStep * Double(totalSteps - step))) left",
      ] + (score.map { ["\($0.name) \(format($0.value, 3))"] } ?? [])
        + losses.map { "\($0.name) \(format($0.value, 4))" })
  }

  /// Prints a line of its own.
  package func note(_ text: String) {
    output.write(output.isTerminal && lastPrint != nil ? "\r\u{1B}[K\(text)\n" : "\(text)\n")
  }

  /// Prints a line about something that went wrong to standard error.
  package func warn(_ text: String) {
    if output.isTerminal, lastPrint != nil { output.write("\r\u{1B}[K") }
    try? FileHandle.standardError.write(contentsOf: Data("warning: \(text)\n".utf8))
  }

  /// Leaves the rewritten line as it is.
  package func end() {
    if output.isTerminal, lastPrint != nil { output.write("\n") }
  }

  private func format(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  private func remaining(_ seconds: Double) -> String {
    let seconds = Int(seconds)
    return seconds >= 3600
      ? "\(seconds / 3600) h \(seconds / 60 % 60) min"
      : seconds >= 60 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds) s"
  }
}

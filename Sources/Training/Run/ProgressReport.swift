import Foundation

/// Tells people how training goes: one line that is rewritten on a terminal, plain lines in a log.
package final class ProgressReport {
  private let totalSteps: Int
  private let isTerminal: Bool
  private let start = ContinuousClock.now
  private var firstStep: Int?
  private var lastPrint: ContinuousClock.Instant?
  /// A log gets a line this often.
  private let logInterval = Duration.seconds(10)

  /// Reports to standard output about a run of so many steps.
  package init(totalSteps: Int) {
    self.totalSteps = totalSteps
    // mpirun gives every rank a pseudo-terminal, whatever its own output is: the launchers know better.
    let told = ProcessInfo.processInfo.environment["INPAINT_TERMINAL"]
    isTerminal = told.map { $0 == "1" } ?? (isatty(STDOUT_FILENO) == 1)
  }

  /// Reports a step; a line appears only so often that people can read it.
  package func step(_ step: Int, imagesPerSecond: Double, losses: LossTerms) {
    let now = ContinuousClock.now
    let begun = firstStep ?? step - 1
    firstStep = begun
    let isDue =
      lastPrint.map { now - $0 >= (isTerminal ? .milliseconds(200) : logInterval) } ?? true
    guard isDue || step == totalSteps else { return }
    lastPrint = now
    let secondsPerStep = (now - start) / .seconds(1) / Double(step - begun)
    let line =
      "step \(step)/\(totalSteps)  \(format(imagesPerSecond, 1)) images/s  "
      + "\(remaining(secondsPerStep * Double(totalSteps - step))) left  "
      + losses.map { "\($0.name) \(format($0.value, 4))" }.joined(separator: "  ")
    show(isTerminal ? "\r\u{1B}[K" + line : line + "\n")
  }

  /// Prints a line of its own.
  package func note(_ text: String) {
    show(isTerminal && lastPrint != nil ? "\r\u{1B}[K\(text)\n" : "\(text)\n")
  }

  /// Prints a line about something that went wrong to standard error.
  package func warn(_ text: String) {
    if isTerminal, lastPrint != nil { show("\r\u{1B}[K") }
    try? FileHandle.standardError.write(contentsOf: Data("warning: \(text)\n".utf8))
  }

  /// Leaves the rewritten line as it is.
  package func end() {
    if isTerminal, lastPrint != nil { show("\n") }
  }

  private func show(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
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

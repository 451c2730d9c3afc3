import Foundation

/// Standard output as people look at it: a line that is rewritten on a terminal, plain lines in a log.
package struct ProgressOutput {
  /// Whether lines are rewritten.
  let isTerminal: Bool

  /// Looks at where standard output goes.
  init() {
    isTerminal = Self.isTerminal(
      ProcessInfo.processInfo.environment, isTTY: isatty(STDOUT_FILENO) == 1)
  }

  /// Whether a person looks at a terminal.
  ///
  /// mpirun gives rank 0 a pseudo-terminal, whatever its own output is: the launchers know better, and
  /// without them lines are plain.
  ///
  /// - Parameters:
  ///   - environment: The process's variables.
  ///   - isTTY: Whether standard output is a terminal of any kind.
  /// - Returns: Whether lines are rewritten.
  package static func isTerminal(_ environment: [String: String], isTTY: Bool) -> Bool {
    if let told = environment["INPAINT_TERMINAL"] { return told == "1" }
    return isTTY && environment["OMPI_COMM_WORLD_SIZE"] == nil && environment["PMIX_RANK"] == nil
  }

  /// A line with as many of its parts as fit, the first one always.
  ///
  /// - Parameters:
  ///   - parts: The most important ones first.
  ///   - columns: Of the terminal; nil for no limit.
  /// - Returns: The line.
  package static func line(_ parts: [String], columns: Int?) -> String {
    var line = parts.first ?? ""
    for part in parts.dropFirst() {
      // The last column stays free: some terminals begin a new line there.
      if let columns, line.count + 2 + part.count >= columns { break }
      line += "  " + part
    }
    if let columns, line.count >= columns { line = String(line.prefix(max(1, columns - 1))) }
    return line
  }

  /// Shows a line in the place of the one before, or below it in a log.
  func rewrite(_ parts: [String]) {
    let line = Self.line(parts, columns: isTerminal ? columns : nil)
    write(isTerminal ? "\r\u{1B}[K" + line : line + "\n")
  }

  /// Shows text as it is.
  func write(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }

  /// Columns of the terminal as it is now; nil where nobody knows.
  private var columns: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

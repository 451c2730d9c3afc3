import Foundation
import Testing

/// The Python that looks at what was written, where it is there: `INPAINT_PYTHON`, else `python3`.
enum Python {
  /// Whether these modules can be imported.
  static func has(_ modules: String...) -> Bool {
    (try? run("import \(modules.joined(separator: ", "))", []).status) == 0
  }

  /// Runs a program to its end.
  static func run(_ program: String, _ arguments: [String]) throws -> Outcome {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let interpreter = ProcessInfo.processInfo.environment["INPAINT_PYTHON"] ?? "python3"
    process.arguments = [interpreter, "-c", program] + arguments
    process.standardOutput = try folder.writer("output")
    process.standardError = try folder.writer("errors")
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    if ended.wait(timeout: .now() + 60) == .timedOut {
      process.terminate()
      ended.wait()
    }
    return Outcome(
      status: process.terminationStatus, output: try folder.text("output"),
      errors: try folder.text("errors"))
  }
}

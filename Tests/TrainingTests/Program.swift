import Foundation
import Testing

/// How a program ended, and what it printed.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String

  /// What the command itself said on standard error; mpirun adds words of its own.
  var messages: [String] {
    errors.components(separatedBy: "inpaint: ").dropFirst().map { "inpaint: \($0)" }
  }

  /// Everything, for the message of a failed check.
  var report: Comment { "exit code \(status)\n\(output)\n\(errors)" }
}

/// How the ranks of a command are started.
enum Launcher: Sendable, Equatable {
  /// One process, without MPI.
  case alone
  /// So many ranks under mpirun.
  case ranks(Int)

  fileprivate var command: [String] {
    switch self {
    case .alone: []
    case .ranks(let count):
      ["mpirun", "--oversubscribe", "--bind-to", "none", "--timeout", "60", "-n", "\(count)"]
    }
  }
}

/// The command `inpaint`, started as its users start it.
final class Program {
  private let process = Process()
  private let folder: TemporaryFolder
  private let ended = DispatchSemaphore(value: 0)

  /// Starts the command.
  init(_ arguments: [String], launcher: Launcher = .alone) throws {
    folder = try TemporaryFolder()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = launcher.command + [try Self.path] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(Self.switches) { $1 }
    process.standardOutput = try folder.writer("output")
    process.standardError = try folder.writer("errors")
    process.terminationHandler = { [ended] _ in ended.signal() }
    // Threads of the test runner block signals, and children inherit that.
    var (none, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    try process.run()
  }

  /// Runs the command to its end.
  static func run(_ arguments: [String], launcher: Launcher = .alone) throws -> Outcome {
    try Program(arguments, launcher: launcher).wait()
  }

  /// Waits for the end; a program that hangs is killed, which fails every check of its status.
  func wait() throws -> Outcome {
    if ended.wait(timeout: .now() + 70) == .timedOut {
      kill()
      ended.wait()
    }
    return Outcome(
      status: process.terminationStatus, output: try folder.text("output"),
      errors: try folder.text("errors"))
  }

  /// Waits until something is so, or until the program has ended.
  func wait(until condition: () -> Bool) {
    while process.isRunning, !condition() { usleep(2000) }
  }

  /// Sends a signal to the process that was started: inpaint, or mpirun.
  func send(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

  /// Sends a signal to one of the ranks that mpirun has started.
  func sendToOneRank(_ signal: Int32) {
    let ranks = Self.descendants(of: process.processIdentifier)
    guard let last = ranks.max() else { return }
    Foundation.kill(last, signal)
  }

  /// Kills mpirun and all ranks at once, and returns when none of them is left.
  func kill() {
    let family = [process.processIdentifier] + Self.descendants(of: process.processIdentifier)
    for member in family { Foundation.kill(member, SIGKILL) }
    while family.dropFirst().contains(where: Self.isRunning) { usleep(2000) }
  }

  private static func descendants(of ancestor: Int32) -> [Int32] {
    var children: [Int32: [Int32]] = [:]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for process in names.compactMap({ Int32($0) }) {
      if let parent = status(process)?.parent { children[parent, default: []].append(process) }
    }
    var found: [Int32] = []
    var pending = [ancestor]
    while let parent = pending.popLast() {
      found += children[parent] ?? []
      pending += children[parent] ?? []
    }
    return found
  }

  private static func isRunning(_ process: Int32) -> Bool {
    status(process).map { $0.state != "Z" } ?? false
  }

  /// State and parent of a process; nil where there is none of this number.
  private static func status(_ process: Int32) -> (state: Substring, parent: Int32)? {
    let path = "/proc/\(process)/stat"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    // The name before it is in brackets and may hold anything.
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    guard fields.count > 2, let parent = Int32(fields[2]) else { return nil }
    return (fields[1], parent)
  }

  private static var switches: [String: String] {
    var switches = [
      "OMP_NUM_THREADS": "1", "OMPI_MCA_mpi_yield_when_idle": "1", "INPAINT_TERMINAL": "0",
    ]
    if geteuid() == 0 {
      switches["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
      switches["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    }
    return switches
  }

  /// The program, which the build puts beside the tests.
  private static var path: String {
    get throws {
      let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      let folders =
        [own, URL(fileURLWithPath: CommandLine.arguments[0])].map { $0.deletingLastPathComponent() }
        + ["release", "debug"].map { package.appendingPathComponent(".build/\($0)") }
      let path = folders.map { $0.appendingPathComponent("inpaint").path }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
      return try #require(path, "inpaint is not built; run swift build first")
    }
  }
}

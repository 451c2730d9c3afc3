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
  /// A script of `launch/` with its own options; for `inpaint train` only.
  case script(String, [String])
  /// A line of shell, which finds the program and its arguments in `$@`, and the package in `$PACKAGE`.
  case shell(String)

  /// The whole command line for a program with its arguments.
  fileprivate func command(_ program: [String]) -> [String] {
    switch self {
    case .alone:
      return program
    case .ranks(let count):
      return [
        "mpirun", "--oversubscribe", "--bind-to", "none", "--timeout", "60", "-n", "\(count)",
      ] + program
    case .shell(let line):
      return ["PACKAGE=\(Program.package.path)", "bash", "-c", line, "bash"] + program
    case .script(let name, let options):
      precondition(program.dropFirst().first == "train", "the scripts train")
      return [Program.script(name)] + options
        + program.dropFirst(2)
    }
  }
}

/// The command `inpaint`, started as its users start it, or another program of this package.
final class Program {
  private let process = Process()
  private let folder: TemporaryFolder
  private let ended = DispatchSemaphore(value: 0)

  /// Starts the command, with more variables in its environment.
  init(
    _ arguments: [String], launcher: Launcher = .alone, name: String = "inpaint",
    environment: [String: String] = [:]
  ) throws {
    folder = try TemporaryFolder()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = launcher.command([try Self.path(name)] + arguments)
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(try Self.switches) { $1 }
      .merging(environment) { $1 }
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
  func wait(limitSeconds: Double = 70) throws -> Outcome {
    if ended.wait(timeout: .now() + limitSeconds) == .timedOut {
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

  /// What the program has written to its standard error.
  var errorsSoFar: String { (try? folder.text("errors")) ?? "" }

  /// What the program has written to its standard output.
  var outputSoFar: String { (try? folder.text("output")) ?? "" }

  /// The process that was started.
  var identifier: Int32 { process.processIdentifier }

  /// Sends a signal to the process that was started: inpaint, or mpirun.
  func send(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

  /// The process of a rank, wherever its launcher has put it in the tree of processes; nil where it
  /// has not started or has ended.
  func process(ofRank rank: Int) -> Int32? {
    let own = URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path
    return Self.processes.first { candidate in
      guard
        let name = try? String(contentsOfFile: "/proc/\(candidate)/comm", encoding: .utf8),
        let environment = FileManager.default.contents(atPath: "/proc/\(candidate)/environ"),
        let place = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/\(candidate)/cwd")
      else { return false }
      return name == "inpaint\n" && place == own
        && environment.split(separator: 0).contains(Data("OMPI_COMM_WORLD_RANK=\(rank)".utf8))
    }
  }

  private static var processes: [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
  }

  /// Sends a signal to a rank.
  func send(_ signal: Int32, toRank rank: Int) {
    guard let process = process(ofRank: rank) else { return }
    Foundation.kill(process, signal)
  }

  /// Waits until processes have ended, and kills those that do not.
  static func waitForEnd(of processes: [Int32], limitSeconds: Double) {
    let end = Date.now + limitSeconds
    while processes.contains(where: isRunning) {
      if Date.now > end {
        Issue.record("still running: \(processes.filter(isRunning))")
        for process in processes where isRunning(process) { Foundation.kill(process, SIGKILL) }
      }
      usleep(10_000)
    }
  }

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
    for process in processes {
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
    get throws {
      var switches = [
        "OMP_NUM_THREADS": "1", "OMPI_MCA_mpi_yield_when_idle": "1", "INPAINT_TERMINAL": "0",
        "INPAINT_BINARY": try path("inpaint"), "INPAINT_THREADS": "1", "INPAINT_RESTART_PAUSE": "0",
      ]
      if geteuid() == 0 {
        switches["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
        switches["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
      }
      return switches
    }
  }

  /// The folder of the package.
  fileprivate static var package: URL {
    URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }

  /// A script of `launch/`.
  static func script(_ name: String) -> String {
    package.appendingPathComponent("launch/\(name)").path
  }

  /// A program, which the build puts beside the tests; a whole path stays as it is.
  static func path(_ name: String) throws -> String {
    guard !name.hasPrefix("/") else { return name }
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let folders =
      [own, URL(fileURLWithPath: CommandLine.arguments[0])].map { $0.deletingLastPathComponent() }
      + ["release", "debug"].map { package.appendingPathComponent(".build/\($0)") }
    let path = folders.map { $0.appendingPathComponent(name).path }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    return try #require(path, "\(name) is not built; run swift build first")
  }
}

import Foundation
import Testing

/// Starts `MPISelfTest` under mpirun: real ranks, real signals, real exit codes.
@Suite(.serialized) struct MPITests {
  @Test func casesPassWithoutMPI() throws {
    let outcome = try run([try selfTest()])
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test(arguments: [1, 2, 4, 8]) func casesPass(ranks: Int) throws {
    let outcome = try mpirun(ranks, [])
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("cases on \(ranks) ranks, 0 failures"))
  }

  /// The negative control: a library sum in another order fails the comparison of bits.
  @Test func aRingHasOtherBits() throws {
    let outcome = try mpirun(
      4, ["library-ring-differs"],
      environment: [
        "OMPI_MCA_coll_tuned_use_dynamic_rules": "1",
        "OMPI_MCA_coll_tuned_allreduce_algorithm": "4",
      ])
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test func aKilledRankEndsTheRun() throws {
    #expect(try mpirun(2, ["die"]).status == 128 + SIGKILL)
  }

  @Test func aRankThatLeavesEarlyIsAFailure() throws {
    let outcome = try mpirun(2, ["exit-early"])
    #expect(outcome.status != 0, "\(outcome.output)")
    #expect(outcome.output.contains("rank 1"), "\(outcome.output)")
  }

  @Test func anErrorOnOneRankEndsTheRunWithItsCode() throws {
    let outcome = try mpirun(2, ["throw"])
    #expect(outcome.status == 70)
    #expect(outcome.output.contains("rank 1: thrown on purpose"))
  }

  @Test(arguments: [
    ("hang-stopped", "is stopped: no heartbeat", "reduction"),
    ("hang-lagging", "is lagging", "data"),
    ("hang-transport", "transport stuck", "reduction"),
    ("hang-blind", "is stopped: no heartbeat", "reduction"),
  ])
  func theWatchdogNamesTheCause(name: String, cause: String, phase: String) throws {
    let outcome = try mpirun(2, [name])
    #expect(outcome.status == 80, "\(outcome.output)")
    let reports = outcome.output.split(separator: "\n").filter {
      $0.contains("watchdog: rank 1") && $0.contains(cause)
        && $0.contains("step 12, phase \(phase)")
    }
    #expect(!reports.isEmpty, "\(outcome.output)")
  }

  /// The negative control: what lasts long but goes on is left alone.
  @Test func aLongPhaseIsNoHalt() throws {
    let outcome = try mpirun(2, ["long-phase"])
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(!outcome.output.contains("watchdog"), "\(outcome.output)")
  }

  @Test func aSignalToTheLauncherStopsAllRanksTogether() throws {
    #expect(try mpirun(2, ["stop-signal"]).status == 75)
  }

  @Test func aSecondSignalEndsAtOnce() throws {
    #expect(try mpirun(2, ["second-signal"]).status == 128 + SIGTERM)
  }

  private func mpirun(
    _ ranks: Int, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Outcome {
    var switches = [
      "OMP_NUM_THREADS": "1", "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
      "OMPI_MCA_mpi_yield_when_idle": "1",
    ]
    if geteuid() == 0 {
      switches["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
      switches["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    }
    return try run(
      ["mpirun", "--oversubscribe", "--bind-to", "none", "--timeout", "50", "-n", "\(ranks)"]
        + [try selfTest()] + arguments,
      environment: switches.merging(environment) { $1 })
  }

  private struct Outcome {
    let status: Int32
    let output: String
  }

  /// Runs a command, and kills it where it outlives mpirun's own limit.
  private func run(_ command: [String], environment: [String: String] = [:]) throws -> Outcome {
    let log = FileManager.default.temporaryDirectory
      .appendingPathComponent("mpi-self-test-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: log) }
    let output = try FileHandle(forWritingTo: log)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = output
    process.standardError = output
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    // Threads of the test runner block signals, and children inherit that.
    var (none, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    try process.run()
    if ended.wait(timeout: .now() + 60) == .timedOut {
      kill(process.processIdentifier, SIGKILL)
      ended.wait()
    }
    return Outcome(
      status: process.terminationStatus, output: try String(contentsOf: log, encoding: .utf8))
  }

  /// The self-test program, which the build puts beside the tests.
  private func selfTest() throws -> String {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folders =
      [own, URL(fileURLWithPath: CommandLine.arguments[0])].map { $0.deletingLastPathComponent() }
      + ["release", "debug"].map { package.appendingPathComponent(".build/\($0)") }
    let path = folders.map { $0.appendingPathComponent("MPISelfTest").path }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    return try #require(path, "MPISelfTest is not built; run swift build first")
  }
}

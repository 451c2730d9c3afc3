package import Communication
import Dispatch
import Foundation
package import Running

/// Two ranks that talk to each other, started as a training would start them.
enum RankPing {
  /// What the line of the ranks has in it.
  fileprivate static let sign = "; a barrier takes "

  /// Starts two ranks of this program under `mpirun` and tells how they get on.
  static func finding(program: String) -> Finding {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "mpirun", "-n", "2", "--oversubscribe", "--bind-to", "none", program, "doctor", "--ping",
    ]
    // The one that was started by a shell with ranks of its own would start none.
    var environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("OMPI_COMM_WORLD") && !$0.key.hasPrefix("PMIX_")
    }
    if getuid() == 0 {
      environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
      environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    }
    process.environment = environment
    // A file takes any number of words, and nobody has to read them meanwhile.
    let words = FileManager.default.temporaryDirectory
      .appending(path: "inpaint-doctor-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: words) }
    guard FileManager.default.createFile(atPath: words.path, contents: nil),
      let output = FileHandle(forWritingAtPath: words.path)
    else {
      return Finding(
        .bad, "ranks", "\(words.path) cannot be written",
        advice: "set TMPDIR to a folder that can be written: ranks need one too")
    }
    (process.standardOutput, process.standardError) = (output, output)
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    let advice = "run launch/setup, and see docs/launching.md"
    do {
      try process.run()
    } catch {
      return Finding(.bad, "ranks", "mpirun cannot be started: \(error)", advice: advice)
    }
    guard ended.wait(timeout: .now() + 60) == .success else {
      process.terminate()
      return Finding(
        .bad, "ranks", "two ranks have not found each other within 60 s", advice: advice)
    }
    let said = String(
      decoding: FileManager.default.contents(atPath: words.path) ?? Data(), as: UTF8.self
    ).split(separator: "\n").map(String.init)
    guard process.terminationStatus == 0, let text = said.first(where: { $0.contains(sign) })
    else {
      let reason = said.first { !$0.allSatisfy { $0 == "-" } } ?? "no word"
      return Finding(
        .bad, "ranks", "two ranks ended with \(process.terminationStatus): \(reason)",
        advice: advice)
    }
    return Finding(.fine, "ranks", text)
  }
}

/// What each of the two ranks does: a message there and back, and a sum.
///
/// - Returns: `done`.
/// - Throws: The communicator's errors.
package func pingRanks(_ communicator: any Communicator) throws -> ExitStatus {
  let rounds = 200
  try communicator.barrier()
  let start = monotonicSeconds()
  for _ in 0..<rounds { try communicator.barrier() }
  let seconds = (monotonicSeconds() - start) / Double(rounds)
  let count = 4 << 20
  let values = [Float](repeating: 1, count: count)
  var sums = [Float](repeating: 0, count: count)
  let sumStart = monotonicSeconds()
  try values.withUnsafeBufferPointer { source in
    try sums.withUnsafeMutableBufferPointer { try communicator.librarySum(source, into: $0) }
  }
  let sumSeconds = monotonicSeconds() - sumStart
  guard sums.allSatisfy({ $0 == Float(communicator.worldSize) }) else {
    throw RunError(.failure, "the sum over two ranks is wrong", isShared: true)
  }
  if communicator.isRoot {
    print(
      String(
        format: "%@%@%.1f us, a sum of 16 MiB %.1f ms", communicator.transportDescription,
        RankPing.sign, seconds * 1e6, sumSeconds * 1e3))
  }
  return .done
}

import Foundation

extension TemporaryFolder {
  /// Writes a program for the shell.
  func writeScript(_ text: String, to name: String) throws {
    try write("#!/bin/sh\n\(text)\n", to: name)
    chmod(self[name], 0o700)
  }

  /// Starts a training into this folder's `run` with a mpirun that is a script, and whatever other programs lie
  /// in the folder.
  func train(
    mpirun: String, _ launcher: Launcher, environment: [String: String] = [:]
  ) throws -> Program {
    try writeScript(mpirun, to: "mpirun")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try SmallRun.start(
      self["run"], launcher: launcher,
      environment: environment.merging(["PATH": "\(self.path):\(path)"]) { $1 })
  }
}

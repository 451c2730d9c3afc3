package import Communication
import Dispatch
import Foundation

/// Runs the body of a command with a communicator and ends the process with its exit status.
///
/// An error that all ranks share is told once, by rank 0.
package func withCommunicator(_ body: (any Communicator) throws -> ExitStatus) -> Never {
  do {
    try StopSignals.install()
    let environment = LaunchEnvironment()
    StartGuard.watchMeeting(rank: environment.rank, limitSeconds: StartGuard.limitSeconds)
    let communicator = try makeCommunicator(environment: environment)
    // MPI connects ranks when they first exchange something.
    try communicator.barrier()
    StartGuard.ranksHaveMet()
    do {
      let status = try body(communicator)
      try communicator.finalize()
      exit(status.rawValue)
    } catch {
      end(RunError(error), communicator)
    }
  } catch {
    tell(RunError(error).message)
    exit(RunError(error).status.rawValue)
  }
}

/// Leaves together where all ranks fail for one reason; a rank that fails alone takes the others along.
///
/// Neither way goes through MPI's finalise, which would wait for ever for a rank that is dead or stopped.
private func end(_ error: RunError, _ communicator: any Communicator) -> Never {
  if error.isShared || communicator.worldSize == 1 {
    if communicator.isRoot { tell(error.message) }
    waitForOthers(communicator, status: error.status)
  } else {
    tell("rank \(communicator.rank) on \(communicator.hostName): \(error.message)")
    communicator.abort(code: error.status.rawValue)
  }
  exit(error.status.rawValue)
}

/// Waits until all ranks are about to leave: mpirun ends the others as soon as one has left, and rank 0
/// may not have spoken by then.
///
/// A rank that cannot come any more is waited for no longer than two seconds.
private func waitForOthers(_ communicator: any Communicator, status: ExitStatus) {
  guard communicator.worldSize > 1 else { return }
  DispatchQueue.global().asyncAfter(deadline: .now() + 2) { exit(status.rawValue) }
  try? communicator.barrier()
}

private func tell(_ message: String) {
  try? FileHandle.standardError.write(contentsOf: Data("inpaint: \(message)\n".utf8))
}

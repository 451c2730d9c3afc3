import Communication
import Foundation

/// Cases that end badly on purpose; the last rank is the one at fault.
let faultCases = [
  ringDiffers,
  SelfTestCase(name: "die") { context in
    try context.communicator.barrier()
    if context.rank == context.worldSize - 1 { kill(getpid(), SIGKILL) }
    try context.communicator.barrier()
  },
  SelfTestCase(name: "throw") { context in
    if context.rank == context.worldSize - 1 {
      throw CommunicationError(.setting, "thrown on purpose")
    }
    try context.communicator.barrier()
  },
  SelfTestCase(name: "hang-stopped") { context in
    try hang(context) { _ in kill(getpid(), SIGSTOP) }
  },
  SelfTestCase(name: "hang-lagging") { context in
    try hang(context) { heartbeat in
      heartbeat.enter("data", step: 12)
      sleep(60)
    }
  },
  SelfTestCase(name: "hang-transport") { context in
    try hang(context) { _ in try receiveWhatNobodySends(context) }
  },
  SelfTestCase(name: "hang-blind") { context in
    // Every rank looks for the file in a folder of its own.
    try hang(context, folder: "\(context.rank)") { _ in kill(getpid(), SIGSTOP) }
  },
  SelfTestCase(name: "long-phase") { context in
    // One phase takes longer than the watchdog waits, but the work in it goes on.
    let heartbeat = try shortHeartbeat(context) { Int(monotonicSeconds() * 10) }
    heartbeat.enter("generator-forward", step: 12)
    sleep(3)
    heartbeat.finish()
  },
  SelfTestCase(name: "exit-early") { context in
    if context.rank == context.worldSize - 1 { exit(0) }
    try context.communicator.barrier()
  },
  SelfTestCase(name: "stop-signal") { context in
    // Every rank goes on until all have seen the signal that the test sends to mpirun.
    var step = 0
    while try context.communicator.sumOverRanks([StopSignals.pending == nil ? 0 : 1])[0] == 0 {
      step += 1
      if step == 1 && context.rank == 0 { kill(getppid(), SIGUSR1) }
      usleep(1000)
    }
    try context.communicator.finalize()
    exit(ExitCode.stopped)
  },
  SelfTestCase(name: "second-signal") { context in
    if context.rank == context.worldSize - 1 {
      kill(getpid(), SIGTERM)
      usleep(200_000)
      kill(getpid(), SIGTERM)
    }
    sleep(60)
  },
]

/// Starts the watchdog with short times, and lets the last rank do what it must not.
private func hang(
  _ context: SelfTestContext, folder: String = "", _ fault: (Heartbeat) throws -> Void
) throws {
  let heartbeat = try shortHeartbeat(context, folder: folder)
  if let limitation = heartbeat.limitation { print(limitation) }
  heartbeat.enter("reduction", step: 12, waits: true)
  usleep(300_000)
  if context.rank == context.worldSize - 1 { try fault(heartbeat) }
  try receiveWhatNobodySends(context)
}

private func shortHeartbeat(
  _ context: SelfTestContext, folder: String = "",
  finishedWork: @escaping @Sendable () -> Int = { 0 }
) throws -> Heartbeat {
  let directory =
    FileManager.default.temporaryDirectory.path + "/heartbeat-\(getppid())/" + folder
  try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  var settings = Heartbeat.Settings()
  settings.intervalSeconds = 0.1
  settings.warnSeconds = 1
  settings.abortSeconds = 2
  return try Heartbeat(
    context.communicator, directory: directory, settings: settings, finishedWork: finishedWork)
}

private func receiveWhatNobodySends(_ context: SelfTestContext) throws {
  let buffer = FloatArena(count: 1)
  var request = try context.communicator.startReceive(
    UnsafeMutableRawBufferPointer(buffer.values), from: 0, tag: 99)
  while try !context.communicator.isComplete(&request) { usleep(1000) }
}

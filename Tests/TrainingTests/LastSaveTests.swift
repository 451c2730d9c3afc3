import Checkpoints
import Foundation
import Testing

extension CommandTests {
  /// The last state of a run, where the run folder does not take it.
  @Suite struct LastSaveTests {
    @Test func itIsTriedAgain() throws {
      let folder = try TemporaryFolder()
      let program = try begin(folder, environment: ["INPAINT_SAVE_SECONDS": "30"])
      program.wait { program.errorsSoFar.contains("trying again in 1 s") }
      try giveRoom(folder)
      let outcome = try program.wait()
      #expect(outcome.status == 75, outcome.report)
      try goesOn(folder, [])
    }

    @Test func itGoesElsewhereAndTheRunGoesOnFromThere() throws {
      let folder = try TemporaryFolder()
      let rescue = ["--rescue", folder["rescue"]]
      let outcome = try begin(folder, rescue).wait()
      #expect(outcome.status == 75, outcome.report)
      #expect(outcome.errors.contains("was saved to \(folder["rescue"])/run-"), outcome.report)
      try giveRoom(folder)
      try goesOn(folder, rescue)

      // A new run of the same folder would go on from there at its first interruption.
      try FileManager.default.removeItem(atPath: folder["run"])
      let fresh = try SmallRun.train(folder["run"], ["--resume", "never"] + rescue)
      fresh.expectRefusal(64, mentions: [folder["rescue"], "has a checkpoint"])
    }

    @Test func aStateThatIsLostIsTold() throws {
      let folder = try TemporaryFolder()
      let outcome = try begin(folder, environment: ["INPAINT_SAVE_SECONDS": "0"]).wait()
      #expect(outcome.status == 70, outcome.report)
      #expect(
        outcome.errors.contains("is lost. The checkpoints before it are intact"), outcome.report)
      #expect(outcome.errors.contains("--rescue DIR"), outcome.report)
    }

    /// Starts a run, takes the folder of its checkpoints away and asks it to stop.
    private func begin(
      _ folder: TemporaryFolder, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> Program {
      let program = try SmallRun.begin(
        folder["run"], ["--set", "checkpoint.every=1000"] + arguments, launcher: .alone,
        environment: environment)
      try FileManager.default.moveItem(atPath: folder["run/checkpoints"], toPath: folder["aside"])
      try folder.write("", to: "run/checkpoints")
      program.send(SIGTERM)
      return program
    }

    private func giveRoom(_ folder: TemporaryFolder) throws {
      try FileManager.default.removeItem(atPath: folder["run/checkpoints"])
      try FileManager.default.moveItem(atPath: folder["aside"], toPath: folder["run/checkpoints"])
    }

    private func goesOn(_ folder: TemporaryFolder, _ arguments: [String]) throws {
      let outcome = try SmallRun.train(
        folder["run"], ["--set", "checkpoint.every=1000"] + arguments)
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("going on from"), outcome.report)
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }
  }
}

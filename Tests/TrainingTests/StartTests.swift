import Checkpoints
import Foundation
import Testing

extension CommandTests {
  /// What happens before step 1: ranks that do not find each other, requests to stop, no room.
  @Suite struct StartTests {
    /// Rank 1 never starts MPI.
    private static let lonely = Launcher.shell(
      """
      exec mpirun --oversubscribe --bind-to none --timeout 60 -n 2 bash -c '
        if [ "$OMPI_COMM_WORLD_RANK" = 0 ]; then exec "$@"; else exec sleep 50; fi' bash "$@"
      """)

    @Test func ranksThatDoNotMeetAreEnded() throws {
      let folder = try TemporaryFolder()
      let outcome = try SmallRun.start(
        folder["run"], launcher: Self.lonely, environment: ["INPAINT_START_SECONDS": "1"]
      ).wait(limitSeconds: 20)
      #expect(outcome.status == 69, outcome.report)
      for text in ["rank 0 on ", "within 1 s", "--interface", "TMPDIR", "ulimit -n"] {
        #expect(outcome.errors.contains(text), outcome.report)
      }
      #expect(!folder.contains("run"))
    }

    @Test func aRequestToStopIsObeyedWhileRanksLookForEachOther() throws {
      let folder = try TemporaryFolder()
      let program = try SmallRun.start(folder["run"], launcher: Self.lonely)
      program.wait { program.process(ofRank: 0) != nil }
      // Its handlers are there when the file of the program is mapped and its threads run.
      usleep(700_000)
      program.send(SIGTERM, toRank: 0)
      let outcome = try program.wait(limitSeconds: 20)
      #expect(outcome.status == 75, outcome.report)
      #expect(outcome.errors.contains("SIGTERM before the first step"), outcome.report)
    }

    /// A closed terminal and the end of `ulimit -t` save, however often they are told of.
    @Test(arguments: [SIGHUP, SIGXCPU])
    func aSignalThatComesAgainSaves(signal: Int32) throws {
      let folder = try TemporaryFolder()
      let program = try SmallRun.begin(folder["run"], launcher: .alone)
      program.send(signal)
      usleep(150_000)
      program.send(signal)
      let outcome = try program.wait(limitSeconds: 20)
      #expect(outcome.status == 75, outcome.report)
      let newest = try #require(try CheckpointDirectory.all(in: folder["run/checkpoints"]).first)
      #expect(newest.step == (try RunRecord.metrics(of: folder["run"]).count))
    }

    @Test func nohupIsRespected() throws {
      let folder = try TemporaryFolder()
      // UCX would take the signal for itself before the program begins.
      let line = "export UCX_DEBUG_SIGNO=0; trap '' HUP; exec \"$@\""
      let program = try SmallRun.begin(
        folder["run"], ["--stop-after", "3"], launcher: .shell(line))
      program.send(SIGHUP)
      #expect(try program.wait().status == 0)
    }

    @Test func whatCannotBeSavedIsRefusedBeforeStepOne() throws {
      let folder = try TemporaryFolder()
      let limited = try SmallRun.train(
        folder["run"], launcher: .shell("ulimit -f 64; exec \"$@\""))
      limited.expectRefusal(64, mentions: ["could not be saved", "ulimit -f", "--run"])
      #expect(try RunRecord.metrics(of: folder["run"]).isEmpty)
      try FileManager.default.removeItem(atPath: folder["run/checkpoints"])
      try folder.write("", to: "run/checkpoints")
      let blocked = try SmallRun.train(folder["run"])
      #expect([64, 65].contains(blocked.status), blocked.report)
      #expect(blocked.errors.contains(folder["run/checkpoints"]), blocked.report)
    }
  }
}

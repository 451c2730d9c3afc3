import Foundation
import Reports
import Testing
import Training

extension CommandTests {
  /// `inpaint status`: how far runs are, as their folders tell.
  @Suite struct StatusCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func aRunThatStoppedTrainsAndIsDone() throws {
      let settings = ["--set", "training.steps=4", "--set", "validation.every=2"]
      #expect(try SmallRun.train(folder["run"], settings + ["--stop-after", "3"]).status == 0)
      let directory = RunDirectory(folder["run"])
      let stopped = try RunStatus(directory)
      #expect(stopped.state == .stopped && stopped.step == 3 && stopped.steps == 4)
      #expect((stopped.imagesPerSecond ?? 0) > 0 && (stopped.secondsLeft ?? 0) > 0)
      #expect(stopped.scores?.step == 2 && stopped.checkpoint == "step-00000003")
      #expect(stopped.scores?.values.contains { $0.name == "l1_hole_percent" } == true)
      for arguments in [[folder["run"]], [folder["."]]] {
        let outcome = try Program.run(["status"] + arguments)
        #expect(outcome.status == 0, outcome.report)
        #expect(outcome.output.contains("stopped\n  step 3 of 4 (75 %), "), outcome.report)
        #expect(outcome.output.contains("newest checkpoint: step-00000003"), outcome.report)
        #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 150 })
      }
      // Who holds the lock trains, however old the last step is.
      let held = try withExtendedLifetime(RunLock(directory)) { try RunStatus(directory) }
      #expect(held.state == .running)
      #expect(try SmallRun.train(folder["run"], settings).status == 0)
      #expect(try RunStatus(directory).state == .done)
    }

    /// What each rank does, and which is silent.
    @Test func ranksOfARunAreTold() throws {
      let training = try SmallRun.begin(
        folder["run"], ["--set", "training.steps=100000"], launcher: .ranks(2))
      let outcome = try Program.run(["status", folder["run"]])
      #expect(outcome.status == 0, outcome.report)
      for rank in 0..<2 {
        #expect(
          outcome.output.contains(
            try Regex("\n  rank \(rank) on [^ ]+, process [0-9]+: step [0-9]+, ")),
          outcome.report)
      }
      training.send(SIGUSR1)
      #expect(try training.wait().status == 75)
      #expect(!(try Program.run(["status", folder["run"]])).output.contains("  rank 0"))
    }

    @Test func whatIsNoRunIsRefused() throws {
      try folder.write("", to: "file")
      for (name, fragment) in [("none", "no such folder"), (".", "no run in it")] {
        try Program.run(["status", folder[name]])
          .expectRefusal(65, mentions: [folder[name], fragment])
      }
    }
  }
}

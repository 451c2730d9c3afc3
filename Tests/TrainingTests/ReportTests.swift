import Foundation
import Testing

extension CommandTests {
  /// `report.html` of a run, and `inpaint report`.
  @Suite struct ReportTests {
    /// What the page tells, without what depends on the clock.
    private struct Contents: Equatable {
      let members: [String: String]

      init(_ path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let start = try #require(text.range(of: "id=\"facts\">"))
        let end = try #require(text.range(of: "</script>", range: start.upperBound..<text.endIndex))
        let json = Data(text[start.upperBound..<end.lowerBound].utf8)
        var facts = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        for name in [
          "written", "trained_seconds", "speed", "costs", "checkpoints", "ranks", "rank_count",
        ] {
          facts[name] = nil
        }
        members = try facts.mapValues {
          String(
            decoding: try JSONSerialization.data(
              withJSONObject: $0, options: [.sortedKeys, .fragmentsAllowed]), as: UTF8.self)
        }
      }
    }

    @Test func aRunLeavesAReport() throws {
      let contents = try Contents("\(SmallRun.referenceRun)/report.html").members
      #expect(contents["state"] == "\"done\"")
      #expect(contents["step"] == "\(SmallRun.steps)")
      #expect(contents["losses"]?.contains("discriminator_feature") == true)
      #expect(contents["scores"]?.contains("psnr") == true)
      #expect(contents["samples"]?.contains("\"step\":24") == true)
    }

    /// Stopped and gone on on other numbers of ranks, a run tells the same.
    @Test func aResumedRunTellsTheSame() throws {
      let folder = try TemporaryFolder()
      for (stopAfter, launcher) in [(11, Launcher.ranks(2)), (SmallRun.steps, .ranks(4))] {
        let outcome = try SmallRun.train(
          folder["run"], ["--stop-after", "\(stopAfter)"], launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
        let state = try Contents(folder["run/report.html"]).members["state"]
        #expect(state == (stopAfter < SmallRun.steps ? "\"stopped\"" : "\"done\""))
      }
      var (here, there) = (
        try Contents(folder["run/report.html"]).members,
        try Contents("\(SmallRun.referenceRun)/report.html").members
      )
      #expect(here["losses"] == there["losses"])
      #expect(here["scores"] == there["scores"])
      // The sheet drawn at the stop is one more.
      here["samples"] = nil
      there["samples"] = nil
      #expect(here == there)
      let ranks = try folder.text("run/ranks.jsonl").split(separator: "\n")
      #expect(ranks.last?.contains("\"step\": 24") == true)
      #expect(try #require(ranks.last).matches(of: /[0-9.e-]+[,\]]/).count >= 12, "four ranks")
    }

    @Test func theReportIsMadeAnew() throws {
      let folder = try TemporaryFolder()
      try folder.copy(try SmallRun.referenceRun, to: "run")
      let outcome = try Program.run(["report", folder["run"], "--output", folder["page.html"]])
      #expect(outcome.status == 0, outcome.report)
      #expect(try Contents(folder["page.html"]) == Contents(folder["run/report.html"]))
      // What cannot be read is left out and told.
      try folder.write("no picture", to: "run/samples/step-00000024.png")
      let warned = try Program.run(["report", folder["run"]])
      #expect(warned.status == 0, warned.report)
      #expect(warned.errors.contains("step-00000024.png"))
      #expect(try Contents(folder["run/report.html"]).members["samples"] == "[]")
    }

    @Test func aFolderThatIsNoRunIsRefused() throws {
      let folder = try TemporaryFolder()
      try Program.run(["report", folder.path])
        .expectRefusal(65, mentions: [folder["config.yaml"], "the folder of a run"])
      #expect(folder.contents.isEmpty)
    }

    /// A report that cannot be written is a warning; the run does not depend on it.
    @Test func aReportThatCannotBeWrittenStopsNothing() throws {
      let folder = try TemporaryFolder()
      for name in ["run/report.html/x", "run/ranks.jsonl/x"] {
        try FileManager.default.createDirectory(
          atPath: folder[name], withIntermediateDirectories: true)
      }
      try folder.write("", to: "run/tensorboard")
      let outcome = try SmallRun.train(
        folder["run"],
        ["--set", "training.report_every=1", "--set", "training.tensorboard=true"])
      #expect(outcome.status == 0, outcome.report)
      for name in ["report.html", "ranks.jsonl", "tensorboard"] {
        #expect((outcome.output + outcome.errors).contains(name), outcome.report)
      }
      try expectSameEnd(folder["run"], as: SmallRun.referenceRun)
    }

    @Test func noReportIsWrittenWhereNoneIsAskedFor() throws {
      let folder = try TemporaryFolder()
      let outcome = try SmallRun.train(
        folder["run"], ["--stop-after", "2", "--set", "training.report_every=0"])
      #expect(outcome.status == 0, outcome.report)
      #expect(!folder.contains("run/report.html"))
    }
  }
}

import Foundation
import Testing

extension CommandTests {
  /// Checkpoints that stay because their generator scored best.
  @Suite struct KeepBestTests {
    private let settings = [
      "checkpoint.every=2", "checkpoint.keep_last=1", "checkpoint.keep_best=2",
      "checkpoint.best_metric=l1_hole_percent", "validation.every=2",
    ].flatMap { ["--set", $0] }

    /// The steps of the checkpoints, and the scores of all validations by step.
    private func result(_ folder: TemporaryFolder) throws -> (steps: [Int], scores: [Int: Double]) {
      var scores: [Int: Double] = [:]
      for line in try folder.text("run/metrics.jsonl").split(separator: "\n") {
        let object = try #require(
          try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let step = try #require(object["step"] as? Int)
        scores[step] = object["validation_l1_hole_percent"] as? Double
      }
      let steps = try folder.names(in: "run/checkpoints")
        .compactMap { Int($0.dropFirst("step-".count)) }.sorted()
      return (steps, scores)
    }

    @Test func theBestByAnErrorStayBesideTheLast() throws {
      let folder = try TemporaryFolder()
      let outcome = try SmallRun.train(folder["run"], settings, launcher: .ranks(2))
      #expect(outcome.status == 0, outcome.report)
      let (steps, scores) = try result(folder)
      #expect(scores.count == SmallRun.steps / 2)
      let best = scores.sorted { ($0.value, -$0.key) < ($1.value, -$1.key) }.prefix(2).map(\.key)
      #expect(steps == Set(best + [SmallRun.steps]).sorted(), "\(scores)")
    }

    /// A checkpoint of a step without validation has no score, so it is none of the best.
    @Test func oneWithoutAScoreGoes() throws {
      let folder = try TemporaryFolder()
      for end in ["5", "6"] {
        let outcome = try SmallRun.train(folder["run"], settings + ["--stop-after", end])
        #expect(outcome.status == 0, outcome.report)
      }
      let (steps, _) = try result(folder)
      #expect(steps.count >= 2 && !steps.contains(5) && steps.contains(6), "\(steps)")
    }

    @Test func withoutHeldOutPicturesItIsRefused() throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder["pictures"], withIntermediateDirectories: false)
      for name in ["000001.jpg", "000002.jpg"] {
        try folder.copy("\(SmallRun.faces)/img_align_celeba/\(name)", to: "pictures/\(name)")
      }
      let arguments = settings + ["--set", "data.root=\(folder["pictures"])"]
      for launcher in [Launcher.alone, .ranks(2)] {
        try SmallRun.train(folder["run"], arguments, launcher: launcher)
          .expectRefusal(64, mentions: ["checkpoint.keep_best", folder["pictures"]])
      }
    }
  }
}

import Foundation
import Testing

extension CommandTests {
  /// `inpaint benchmark scaling` and what `benchmark step` says of several ranks.
  @Suite struct ScalingBenchmarkTests {
    private static let settings = [
      "model.width=4", "model.blocks=1", "data.side=64", "perceptual.weights=", "training.batch=4",
      "training.replicas=2", "training.bucket_bytes=4096",
    ].flatMap { ["--set", $0] }

    private static func run(_ words: String...) throws -> [String: Any] {
      let outcome = try Program.run(
        ["benchmark"] + words + ["--json"] + settings, launcher: .ranks(2))
      #expect(outcome.status == 0, outcome.report)
      return try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    @Test func comparesTwoRanksWithOne() throws {
      let result = try Self.run("scaling", "--rounds", "1")
      func number(_ name: String) throws -> Double {
        try #require(result[name] as? Double, "\(name)")
      }
      let all = try number("seconds_per_step")
      #expect(all > 0 && result["ranks"] as? Int == 2 && result["batch"] as? Int == 4)
      for (ratio, numerator) in [
        ("weak_efficiency", "seconds_per_step_one_rank"),
        ("communication_efficiency", "seconds_per_step_without_sum"),
        ("strong_speedup", "seconds_per_step_whole_batch_one_rank"),
      ] {
        #expect(abs(try number(ratio) * all / number(numerator) - 1) < 1e-9, "\(ratio)")
      }
      let timelines = try #require(result["timelines"] as? [[String: Any]])
      let timeline = try #require(timelines.first)
      let buckets = try #require(timeline["buckets"] as? [[String: Double]])
      let compute = try #require(timeline["compute_seconds"] as? Double)
      let ready = buckets.compactMap { $0["ready_seconds"] }
      #expect(ready.count == buckets.count && ready == ready.sorted() && ready.count > 4)
      #expect(try #require(ready.first) > 0 && #require(ready.last) <= compute)
      // 4 ... 1,024 nodes on three networks.
      let projections = try #require(result["projections"] as? [[String: Double]])
      #expect(Set(projections.compactMap { $0["nodes"] }) == Set((2...10).map { Double(1 << $0) }))
      #expect(Set(projections.compactMap { $0["gigabits_per_second"] }) == [1, 10, 100])
      #expect(projections.count == 27)
      #expect(projections.allSatisfy { 0 < $0["efficiency"] ?? 0 && $0["efficiency"] ?? 2 <= 1 })
      #expect((result["assumptions"] as? [String])?.isEmpty == false)
    }

    /// Two of four ranks are measured as a run of two with half of the batch.
    @Test func everyCountOfRanksIsMeasured() throws {
      let outcome = try Program.run(
        ["benchmark", "scaling", "--ranks", "--rounds", "1", "--json"] + Self.settings
          + ["--set", "training.replicas=4", "--set", "training.batch=8"], launcher: .ranks(4))
      #expect(outcome.status == 0, outcome.report)
      let results = try outcome.output.split(separator: "\n").map {
        try #require(
          try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(results.map { $0["ranks"] as? Int } == [2, 4])
      #expect(results.map { $0["batch"] as? Int } == [4, 8])
      #expect(results.allSatisfy { 0 < $0["weak_efficiency"] as? Double ?? 0 })
      let whole = try Program.run(
        ["benchmark", "scaling", "--rounds", "1", "--set", "training.reduction=fast"]
          + Self.settings, launcher: .ranks(2))
      #expect(whole.status == 0, whole.report)
      let fast = try Program.run(
        ["benchmark", "scaling", "--ranks", "--set", "training.reduction=fast"] + Self.settings,
        launcher: .ranks(2))
      #expect(fast.status == 64, fast.report)
      #expect(fast.errors.contains("canonical"), fast.report)
    }

    @Test func oneRankHasNothingToCompare() throws {
      let outcome = try Program.run(["benchmark", "scaling"] + Self.settings)
      #expect(outcome.status == 64, outcome.report)
      #expect(outcome.errors.contains("mpirun -n 2"), outcome.report)
    }

    @Test func aStepTellsWhatItHidesOfTheSum() throws {
      let folder = try TemporaryFolder()
      let result = try Self.run("step", "--steps", "1", "--trace", folder["trace.json"])
      let hidden = try #require(result["reduction_hidden_share"] as? Double)
      let (sum, exposed) = (
        try #require(result["reduction_seconds"] as? Double),
        try #require(result["reduction_exposed_seconds"] as? Double)
      )
      #expect(sum > 0 && abs(hidden - min(max(1 - exposed / sum, 0), 1)) < 1e-9)
      #expect(try #require(result["reduction_bytes"] as? Int) > 4096)
      #expect(folder.contains("trace.json"))
    }
  }
}

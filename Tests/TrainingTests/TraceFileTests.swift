import Foundation
import Testing

extension CommandTests {
  /// `--trace`: what two ranks did, in one file.
  @Suite struct TraceFileTests {
    private struct Event {
      let name: String
      let phase: String
      let rank: Int
      let lane: Int
      let start: Double
      let end: Double
      let identifier: String
    }

    private static func events(_ path: String) throws -> [Event] {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      let file = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect((file["otherData"] as? [String: Int]) == ["dropped_events": 0])
      return try #require(file["traceEvents"] as? [[String: Any]]).map { event in
        let start = event["ts"] as? Double ?? 0
        return Event(
          name: event["name"] as? String ?? "", phase: event["ph"] as? String ?? "",
          rank: event["pid"] as? Int ?? -1, lane: event["tid"] as? Int ?? -1, start: start,
          end: start + (event["dur"] as? Double ?? 0), identifier: event["id"] as? String ?? "")
      }
    }

    @Test func twoRanksShareAFile() throws {
      let folder = try TemporaryFolder()
      let trace = folder["trace.json"]
      let outcome = try SmallRun.train(
        folder["run"],
        ["--trace", trace, "--stop-after", "7", "--set", "training.bucket_bytes=4096"],
        launcher: .ranks(2))
      #expect(outcome.status == 0, outcome.report)
      let events = try Self.events(trace)
      #expect(Set(events.map(\.rank)) == [0, 1])
      for rank in 0...1 {
        let own = events.filter { $0.rank == rank }
        try expectPhases(own, replicas: 2 * rank..<2 * rank + 2)
        expectNesting(own)
        try expectOverlap(own)
      }
      // Checkpoints are rank 0's.
      let saves = events.filter { $0.name == "write the checkpoint" }
      #expect(saves.map(\.rank) == [0] && saves[0].lane == 2)
      // Both start together: after an exchange of messages, on one clock.
      let starts = (0...1).map { rank in
        events.filter { $0.rank == rank && $0.phase == "X" }.map(\.start).min() ?? .infinity
      }
      #expect(abs(starts[0] - starts[1]) < 5e6)
    }

    /// Every step has every phase: as often as there are steps and replicas.
    private func expectPhases(_ events: [Event], replicas: Range<Int>) throws {
      var counts: [String: Int] = [:]
      for event in events where event.phase == "X" { counts[event.name, default: 0] += 1 }
      for name in ["data", "optimiser"] { #expect(counts[name] == 7, "\(name)") }
      for replica in replicas { #expect(counts["replica \(replica)"] == 7) }
      for name in [
        "generator forward", "discriminator forward", "discriminator backward to the picture",
        "generator backward", "discriminator backward",
      ] {
        #expect(counts[name] == 14, "\(name)")
      }
      #expect(counts["losses"] == 28)
      #expect(counts["validation"] == 1)
      #expect(try #require(counts["prepare an image"]) >= 7 * 4)
      #expect(counts["wait for the sums of generator"] == 7)
    }

    /// Of two spans of a lane, one is inside the other or over before it begins.
    private func expectNesting(_ events: [Event]) {
      for (lane, spans) in Dictionary(grouping: events.filter { $0.phase == "X" }, by: \.lane) {
        var open: [Event] = []
        for span in spans.sorted(by: { ($0.start, -$0.end) < ($1.start, -$1.end) }) {
          while let last = open.last, last.end <= span.start + 1e-4 { open.removeLast() }
          if let outer = open.last {
            #expect(span.end <= outer.end + 1e-3, "lane \(lane): \(span.name) in \(outer.name)")
          }
          open.append(span)
        }
      }
    }

    /// Buckets leave while backward goes on, and all arrive.
    private func expectOverlap(_ events: [Event]) throws {
      let sums = events.filter { $0.phase == "b" || $0.phase == "e" }
      for (name, both) in Dictionary(grouping: sums, by: \.identifier) {
        #expect(both.map(\.phase) == ["b", "e"] && both[0].start < both[1].start, "\(name)")
      }
      for network in ["generator", "discriminator"] {
        let posts = sums.filter { $0.phase == "b" && $0.name.hasPrefix("sum of \(network) ") }
        let backward = events.filter { $0.name == "\(network) backward" }
          .sorted { $0.start < $1.start }
        #expect(posts.count.isMultiple(of: 7) && posts.count >= 2 * 7, "several buckets a step")
        // They leave while the last replica's gradients are computed, one after the other.
        for step in 0..<7 {
          let last = backward[2 * step + 1]
          let during = posts.map(\.start).filter { last.start < $0 && $0 < last.end }
          #expect(during.count == posts.count / 7, "\(network), step \(step)")
          #expect(Set(during).count == during.count)
        }
      }
    }

    @Test func refusesAFolderThatIsNotThere() throws {
      let folder = try TemporaryFolder()
      let outcome = try SmallRun.train(
        folder["run"], ["--trace", folder["nowhere/trace.json"], "--stop-after", "1"])
      #expect(outcome.status == 64, outcome.report)
      #expect(outcome.errors.contains("nowhere"), outcome.report)
      #expect(!folder.contains("run"))
    }
  }
}

import Checkpoints
import Foundation
import Testing

@Suite struct RetentionTests {
  @Test func lastEveryAndBestStay() throws {
    try withTemporaryFolder { folder in
      let policy = RetentionPolicy(
        keepLast: 2, keepEvery: 5, best: .init(metric: "psnr", largerIsBetter: true))
      let store = try quickStore(folder, policy)
      let scores: [Int: Double] = [1: 20, 2: 31, 3: 25, 4: .nan, 5: 30, 6: 31, 7: 12]
      var kept: [[Int]] = []
      for step in 1...13 {
        let validation = scores[step].map { ["psnr": $0] } ?? [:]
        let report = try store.save(exampleSnapshot(step: step, validation: validation))
        #expect(report.warnings.isEmpty)
        kept.append(try store.steps())
      }
      #expect(kept[3] == [4, 3, 2])
      #expect(kept[6] == [7, 6, 5])
      #expect(kept[12] == [13, 12, 10, 6, 5])
    }
  }

  /// Over random scores, gaps and ties: exactly the newest and the best stay.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func severalOfTheBestStay(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let (last, best) = (
      Int.random(in: 1...3, using: &random), Int.random(in: 1...4, using: &random)
    )
    let policy = RetentionPolicy(
      keepLast: last, best: .init(metric: "psnr", largerIsBetter: true, count: best))
    try withTemporaryFolder { folder in
      let store = try quickStore(folder, policy)
      var scores: [(step: Int, score: Double)] = []
      for step in 1...12 {
        let score = Double.random(in: 20..<24, using: &random).rounded()
        let isScored = Bool.random(using: &random)
        if isScored { scores.append((step, score)) }
        try store.save(exampleSnapshot(step: step, validation: isScored ? ["psnr": score] : [:]))
        let winners = scores.sorted { ($0.score, $0.step) > ($1.score, $1.step) }.prefix(best)
        let expected = Set(winners.map(\.step)).union(max(1, step - last + 1)...step)
        #expect(try Set(store.steps()) == expected, "step \(step), \(last) last, \(best) best")
      }
    }
  }

  @Test func smallerIsBetterForErrors() throws {
    try withTemporaryFolder { folder in
      let policy = RetentionPolicy(
        keepLast: 1, best: .init(metric: "hole_l1", largerIsBetter: false))
      let store = try quickStore(folder, policy)
      for (step, error) in [(1, 0.3), (2, 0.1), (3, 0.2)] {
        try store.save(exampleSnapshot(step: step, validation: ["hole_l1": error]))
      }
      #expect(try store.steps() == [3, 2])
    }
  }

  @Test func theNewestMultipleStaysBehindCheckpointsInBetween() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder, RetentionPolicy(keepLast: 1, keepNewestMultiple: 4))
      var kept: [[Int]] = []
      for step in [0, 3, 4, 5, 6, 8, 9] {
        try store.save(exampleSnapshot(step: step))
        kept.append(try store.steps())
      }
      #expect(kept == [[0], [3, 0], [4], [5, 4], [6, 4], [8], [9, 8]])
    }
  }

  @Test func orderIsNumeric() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder, RetentionPolicy(keepLast: 1))
      for step in [99_999_999, 100_000_000] { try store.save(exampleSnapshot(step: step)) }
      #expect(try store.steps() == [100_000_000])
    }
  }

  @Test func theNewestValidCheckpointIsNeverRemoved() throws {
    try withTemporaryFolder { folder in
      let generous = try quickStore(folder, RetentionPolicy(keepLast: 9))
      for step in 1...6 { try generous.save(exampleSnapshot(step: step)) }
      for step in 4...6 { try overwrite("\(folder)/step-0000000\(step)/state.json", []) }
      let store = try quickStore(folder, RetentionPolicy(keepLast: 1))
      try store.prune(justSaved: 6)
      // The damaged ones prove nothing, so they do not push the last good one out.
      #expect(try store.steps() == [6, 5, 4, 3])
      #expect(try store.newestValid()?.checkpoint.state.step == 3)
    }
  }

  @Test func aCheckpointSavedBehindLaterOnesStays() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder, RetentionPolicy(keepLast: 1))
      try store.save(exampleSnapshot(step: 50))
      try store.save(exampleSnapshot(step: 20))
      #expect(try store.steps() == [50, 20])
    }
  }

  @Test func nothingIsRemovedWhenAllAreDamaged() throws {
    try withTemporaryFolder { folder in
      let generous = try quickStore(folder, RetentionPolicy(keepLast: 9))
      for step in 1...3 {
        try generous.save(exampleSnapshot(step: step))
        try overwrite("\(folder)/step-0000000\(step)/state.json", [])
      }
      try quickStore(folder, RetentionPolicy(keepLast: 1)).prune(justSaved: 3)
      #expect(try generous.steps() == [3, 2, 1])
    }
  }
}

import Checkpoints
import Files
import Foundation
import Testing

/// Saves that stop at every single system call, one after another.
@Suite struct InterruptedSaveTests {
  /// What happens in each round before the fault can strike, and the save that it strikes.
  enum Scenario: CaseIterable {
    /// Steps 1 and 2 are there, 3 is saved, 1 is removed.
    case next
    /// Steps 1 and 2 are there, 2 is saved again.
    case again
    /// Nothing is there.
    case first

    var committed: [Int] { self == .first ? [] : [1, 2] }
    var saved: Int {
      switch self {
      case .next: 3
      case .again: 2
      case .first: 1
      }
    }
  }

  private static let retention = RetentionPolicy(keepLast: 2)

  /// Runs one round and returns whether the fault struck, or nil if the save had fewer calls.
  private func round(_ scenario: Scenario, _ fault: FaultyFileSystem.Fault) throws -> Bool {
    try withTemporaryFolder { folder in
      let root = "\(folder)/run/checkpoints"
      for step in scenario.committed {
        try quickStore(root).save(exampleSnapshot(step: step))
      }
      let faulty = FaultyFileSystem(fault)
      var wasSaved = false
      do {
        let store = try CheckpointStore(
          root: root, retention: Self.retention, fileSystem: faulty)
        try store.save(exampleSnapshot(step: scenario.saved))
        wasSaved = true
      } catch {}

      let store = try quickStore(root, Self.retention)
      try check(store, scenario, wasSaved: wasSaved)
      // The run goes on: the same save must now work.
      try store.save(exampleSnapshot(step: scenario.saved))
      try check(store, scenario, wasSaved: true)
      return faulty.hasDied
    }
  }

  private func check(_ store: CheckpointStore, _ scenario: Scenario, wasSaved: Bool) throws {
    let recovery = try store.newestValid()
    let newest = scenario.committed.last
    guard let recovery else {
      #expect(newest == nil && !wasSaved)
      return
    }
    let step = recovery.checkpoint.state.step
    #expect(recovery.damaged.isEmpty)
    #expect(isExample(recovery.checkpoint, step: step))
    #expect(step == scenario.saved || (step == newest && !wasSaved))
    let names = try FileManager.default.contentsOfDirectory(atPath: store.root).sorted()
    #expect(names.allSatisfy { $0 == "latest" || $0.hasPrefix("step-0000000") }, "\(names)")
    let latest = String(decoding: try contents("\(store.root)/latest"), as: UTF8.self)
    #expect(latest == "\(CheckpointDirectory.name(step: step))\n")
    for step in try store.steps() { #expect(try store.directory(step: step).verify() == []) }
  }

  @Test(arguments: Scenario.allCases)
  func killedAtEveryCall(_ scenario: Scenario) throws {
    var points = 0
    while try round(scenario, .kill(at: points)) { points += 1 }
    #expect(points >= 50, "only \(points) kill points")
  }

  @Test(arguments: Scenario.allCases)
  func killedAfterEveryCall(_ scenario: Scenario) throws {
    var points = 0
    while try round(scenario, .killAfter(at: points)) { points += 1 }
    #expect(points >= 50, "only \(points) kill points")
  }

  @Test(arguments: Scenario.allCases)
  func powerCutAtEveryCall(_ scenario: Scenario) throws {
    var points = 0
    while try round(scenario, .powerCut(at: points)) { points += 1 }
    #expect(points >= 50, "only \(points) points")
  }

  @Test func killedAtEveryCallOfTheRecoveryToo() throws {
    try withTemporaryFolder { folder in
      for first in stride(from: 0, to: 75, by: 5) {
        for second in 0..<12 {
          let root = "\(folder)/\(first)-\(second)"
          for step in [1, 2] {
            try quickStore(root).save(exampleSnapshot(step: step))
          }
          let dying = FaultyFileSystem(.kill(at: first))
          let store = try? CheckpointStore(root: root, fileSystem: dying)
          _ = try? store?.save(exampleSnapshot(step: 2))
          _ = try? CheckpointStore(root: root, fileSystem: FaultyFileSystem(.kill(at: second)))
          let recovery = try #require(try quickStore(root).newestValid())
          #expect(isExample(recovery.checkpoint, step: 2))
        }
      }
    }
  }

  @Test(arguments: [ENOSPC, EROFS, EACCES, EIO])
  func aFailureAtAnyCallLeavesOlderCheckpointsAndTheNextSaveWorks(_ code: Int32) throws {
    try withTemporaryFolder { folder in
      var failures = 0
      for call in 0... {
        let root = "\(folder)/\(call)"
        for step in [1, 2] {
          try quickStore(root).save(exampleSnapshot(step: step))
        }
        let faulty = FaultyFileSystem(.fail(at: call, code: code))
        guard let store = try? CheckpointStore(root: root, fileSystem: faulty) else { continue }
        do {
          try store.save(exampleSnapshot(step: 3))
        } catch {
          failures += 1
          #expect("\(error)".contains(root))
        }
        guard faulty.calls > call else { break }
        for step in try store.steps() { #expect(try store.directory(step: step).verify() == []) }
        try store.save(exampleSnapshot(step: 4))
        let recovery = try #require(try store.newestValid())
        #expect(isExample(recovery.checkpoint, step: 4) && recovery.damaged.isEmpty)
        #expect(try store.steps().contains(2))
        let left = try FileManager.default.contentsOfDirectory(atPath: root)
        #expect(left.filter { $0.contains(".tmp-") }.count <= 1)
      }
      #expect(failures >= 40)
    }
  }

  @Test func aFullDiskIsReportedAndCleanedUp() throws {
    try withTemporaryFolder { folder in
      try quickStore(folder).save(exampleSnapshot(step: 1))
      let store = try CheckpointStore(
        root: folder, fileSystem: FaultyFileSystem(.fullDisk(from: 12)))
      let error = #expect(throws: SystemCallError.self) {
        try store.save(exampleSnapshot(step: 2))
      }
      #expect(error?.code == ENOSPC)
      let left = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(left == ["latest", "step-00000001"])
    }
  }
}

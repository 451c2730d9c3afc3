import Checkpoints
import Foundation
import Testing

/// Checkpoints of the first format version, which `Tests/Fixtures/checkpoints/format-1` is one of.
@Suite struct FormatVersionTests {
  private func withFirstFormat(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let fixture = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/checkpoints/format-1").standardizedFileURL.path
      try FileManager.default.copyItem(atPath: fixture, toPath: "\(folder)/checkpoints")
      try body("\(folder)/checkpoints")
    }
  }

  private let hash = "54d9ff8847c34462a5df6f0808313f85c4723648e784bd8f8295402789e6c568"

  @Test func theFirstFormatIsVerifiedAndLoaded() throws {
    try withFirstFormat { root in
      let store = try quickStore(root, RetentionPolicy(keepLast: 9))
      let directory = store.directory(step: 7)
      #expect(try directory.verify() == [])
      #expect(try directory.tensorHash() == hash)
      let recovery = try #require(try store.newestValid())
      #expect(recovery.damaged.isEmpty)
      let loaded = recovery.checkpoint
      #expect(
        loaded.state == exampleState(step: 7, validation: ["psnr": 23.5, "hole_l1": .infinity]))
      #expect(
        loaded.files.map(\.name) == ["generator", "discriminator", "optimizer", "generator-ema"])
      #expect(exampleSnapshot(step: 7, scale: 6).tensorHash() == hash)

      // Training goes on from it, in the format of today, and the old one stays as it was.
      try store.save(exampleSnapshot(step: 8))
      #expect(try store.newestValid()?.checkpoint.state.step == 8)
      #expect(try directory.verify() == [])
    }
  }

  @Test func damageToTheFirstFormatIsFound() throws {
    try withFirstFormat { root in
      let directory = CheckpointDirectory("\(root)/step-00000007")
      for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
        let path = "\(directory.path)/\(name)"
        let whole = try contents(path)
        for bit in stride(from: 0, to: whole.count * 8, by: 5) {
          var damaged = whole
          damaged[bit / 8] ^= 1 << UInt8(bit % 8)
          try overwrite(path, damaged)
          #expect(try directory.verify().map(\.file) == [name], "bit \(bit)")
        }
        try overwrite(path, whole)
      }
      #expect(try directory.verify() == [])
    }
  }
}

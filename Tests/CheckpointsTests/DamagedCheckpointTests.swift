import Checkpoints
import Foundation
import Testing

@Suite struct DamagedCheckpointTests {
  private func withCheckpoint(_ body: (CheckpointDirectory, [String]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder)
      try store.save(exampleSnapshot(step: 1, scale: 6))
      let directory = store.directory(step: 1)
      let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
      #expect(
        names == [
          "XXH128SUMS", "discriminator.safetensors", "generator-ema.safetensors",
          "generator.safetensors", "optimizer.safetensors", "state.json",
        ])
      #expect(try directory.verify() == [])
      try body(directory, names)
      #expect(try directory.verify() == [], "the test did not put things back")
    }
  }

  @Test func aThousandSingleBitFlipsAreDetected() throws {
    var generator = SeededGenerator(seed: 5)
    try withCheckpoint { directory, names in
      let files = try names.map { try contents("\(directory.path)/\($0)") }
      let total = files.reduce(0) { $0 + $1.count }
      for _ in 0..<1000 {
        var position = Int.random(in: 0..<total, using: &generator)
        var index = 0
        while position >= files[index].count {
          position -= files[index].count
          index += 1
        }
        var damaged = files[index]
        damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        let path = "\(directory.path)/\(names[index])"
        try overwrite(path, damaged)
        let problems = try directory.verify()
        #expect(problems.map(\.file) == [names[index]], "byte \(position)")
        if names[index] == "XXH128SUMS" {
          // Nothing is read from the list, so that the checkpoint is as good as before.
          #expect(isExample(try directory.load(), step: 1, scale: 6))
        } else {
          #expect(throws: CheckpointError.self) { try directory.load() }
        }
        try overwrite(path, files[index])
      }
    }
  }

  @Test func everyBitOfTheStateFileIsGuarded() throws {
    try withCheckpoint { directory, _ in
      let path = "\(directory.path)/state.json"
      let whole = try contents(path)
      for bit in 0..<whole.count * 8 {
        var damaged = whole
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        try overwrite(path, damaged)
        #expect(try !directory.verify().isEmpty, "bit \(bit)")
      }
      try overwrite(path, whole)
    }
  }

  @Test func everyTruncationIsDetected() throws {
    try withCheckpoint { directory, names in
      for name in names {
        let path = "\(directory.path)/\(name)"
        let whole = try contents(path)
        for length in 0..<whole.count {
          try overwrite(path, whole.prefix(length))
          #expect(try directory.verify().map(\.file) == [name], "\(length) bytes")
        }
        try overwrite(path, whole + [0])
        #expect(try directory.verify().map(\.file) == [name])
        try FileManager.default.removeItem(atPath: path)
        #expect(try directory.verify().map(\.file) == [name])
        try overwrite(path, whole)
      }
    }
  }

  @Test func exchangedFilesAndFoldersAreDetected() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder)
      for step in [1, 2] { try store.save(exampleSnapshot(step: step)) }
      let (one, two) = (store.directory(step: 1).path, store.directory(step: 2).path)
      let own = try contents("\(two)/generator.safetensors")
      try overwrite("\(two)/generator.safetensors", contents("\(one)/generator.safetensors"))
      #expect(try store.directory(step: 2).verify().map(\.file) == ["generator.safetensors"])
      try overwrite("\(two)/generator.safetensors", own)
      try FileManager.default.removeItem(atPath: two)
      try FileManager.default.copyItem(atPath: one, toPath: two)
      #expect(try store.directory(step: 2).verify().map(\.file) == ["state.json"])
      // Under a name of its own a copy is as good as the original.
      try FileManager.default.copyItem(atPath: one, toPath: "\(folder)/best")
      #expect(try CheckpointDirectory("\(folder)/best/").verify() == [])
    }
  }

  @Test func recoveryWalksBackAndNamesWhatItPassed() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder, RetentionPolicy(keepLast: 9))
      for step in [8, 9, 10, 11] { try store.save(exampleSnapshot(step: step)) }
      try overwrite("\(folder)/step-00000011/optimizer.safetensors", [1, 2, 3])
      try FileManager.default.removeItem(atPath: "\(folder)/step-00000010/state.json")
      let recovery = try #require(try store.newestValid())
      #expect(isExample(recovery.checkpoint, step: 9))
      #expect(
        recovery.damaged.map { $0.problems.map(\.file) } == [
          ["optimizer.safetensors"], ["state.json"],
        ])
      #expect(
        recovery.damaged.map(\.movedTo) == [
          "\(folder)/step-00000011.corrupt", "\(folder)/step-00000010.corrupt",
        ])
      #expect(recovery.damaged[0].description.contains("has 3 bytes instead of"))
      #expect(try store.steps() == [9, 8])
      #expect(
        String(decoding: try contents("\(folder)/latest"), as: UTF8.self) == "step-00000009\n")

      // The same step saved and damaged again gets another name.
      try store.save(exampleSnapshot(step: 11))
      try overwrite("\(folder)/step-00000011/state.json", [])
      let again = try #require(try store.newestValid())
      #expect(again.damaged.map(\.movedTo) == ["\(folder)/step-00000011.corrupt-2"])

      // Damage of later ones does not hide that there is none as early.
      #expect(try store.newestValid(upTo: 7)?.checkpoint == nil)
      #expect(try store.newestValid(upTo: 8)?.checkpoint.state.step == 8)
    }
  }

  @Test func withoutAnyValidCheckpointItRefusesAlsoTheSecondTime() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder)
      #expect(try store.newestValid() == nil)
      for step in [1, 2] {
        try store.save(exampleSnapshot(step: step))
        try overwrite("\(folder)/step-0000000\(step)/generator.safetensors", [])
      }
      for _ in 0..<2 {
        let error = #expect(throws: CheckpointError.self) { try store.newestValid() }
        let text = try #require(error).description
        #expect(text.contains("step-00000002") && text.contains("step-00000001"), "\(text)")
      }
    }
  }

  @Test func anotherFormatVersionIsNotTakenForDamage() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder)
      try store.save(exampleSnapshot(step: 1))
      let path = "\(folder)/step-00000001/state.json"
      let text = String(decoding: try contents(path), as: UTF8.self)
      let start = try #require(text.firstRange(of: "\",\n")).lowerBound
      let rest = text[start...].replacing("\"format_version\" : 2", with: "\"format_version\" : 3")
      let checksum = Array(rest.utf8).withUnsafeBytes { FileChecksum(of: $0, .contentHash) }
      try overwrite(path, Array((text[..<start].dropLast(64) + "\(checksum)" + rest).utf8))
      let error = #expect(throws: CheckpointError.self) { try store.newestValid() }
      guard case .newerFormat(_, 3) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(try store.steps() == [1])
    }
  }
}

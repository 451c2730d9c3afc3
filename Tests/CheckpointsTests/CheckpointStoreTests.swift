import Checkpoints
import Files
import Foundation
import Testing

@Suite struct CheckpointStoreTests {
  @Test func whatWasSavedIsLoaded() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore("\(folder)/a/b/")
      #expect(try store.newestValid() == nil)
      let state = exampleState(step: 1000, validation: ["hole_l1": 0.1, "psnr": .infinity])
      let snapshot = CheckpointSnapshot(
        state: state, files: exampleSnapshot(step: 1000).files)
      let report = try store.save(snapshot)
      #expect(report.directory == "\(folder)/a/b/step-00001000" && report.warnings.isEmpty)
      let loaded = try CheckpointDirectory(report.directory).load()
      #expect(loaded.state == state)
      #expect(
        loaded.files.map(\.name) == ["generator", "discriminator", "optimizer", "generator-ema"])
      #expect(try loaded.generator.tensor("encoder.bias").shape == [2])
      #expect(try loaded.optimizer.tensor("step").integers() == [1000])
      #expect(try loaded.discriminator.names == ["weight"])
      #expect(loaded["generator-ema"] != nil && loaded["x"] == nil)
      #expect(throws: CheckpointError.self) { try loaded.file("x") }
      #expect(try WeightFile.read("\(report.directory)/generator.safetensors").names.count == 2)
    }
  }

  @Test func saveLoadSaveGivesEqualBytes() throws {
    try withTemporaryFolder { folder in
      let first = try quickStore("\(folder)/1")
      let second = try quickStore("\(folder)/2")
      try first.save(exampleSnapshot(step: 7))
      let loaded = try first.directory(step: 7).load()
      try second.save(
        CheckpointSnapshot(
          state: loaded.state,
          files: loaded.files.map { .init(name: $0.name, tensors: $0.tensors.namedTensors) }))
      for name in try FileManager.default.contentsOfDirectory(atPath: first.directory(step: 7).path)
      {
        #expect(
          try contents("\(first.directory(step: 7).path)/\(name)")
            == contents("\(second.directory(step: 7).path)/\(name)"), "\(name)")
      }
    }
  }

  @Test func oneHashForAllTensors() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder)
      let snapshot = exampleSnapshot(step: 3)
      try store.save(snapshot)
      let hash = try store.directory(step: 3).tensorHash()
      #expect(hash == snapshot.tensorHash())

      // Neither the order of files and tensors nor the state matters.
      let reordered = CheckpointSnapshot(
        state: exampleState(step: 99),
        files: snapshot.files.reversed().map {
          .init(name: $0.name, tensors: $0.tensors.reversed())
        })
      #expect(reordered.tensorHash() == hash)

      func changed(_ change: (NamedTensor) -> NamedTensor) -> String {
        CheckpointSnapshot(
          state: snapshot.state,
          files: snapshot.files.map { .init(name: $0.name, tensors: $0.tensors.map(change)) }
        ).tensorHash()
      }
      #expect(changed { $0 } == hash)
      #expect(
        changed { tensor in
          guard tensor.name == "step" else { return tensor }
          return NamedTensor(
            name: "step",
            stored: StoredTensor(elementType: .int64, shape: [], bytes: [2, 0, 0, 0, 0, 0, 0, 0]))
        } != hash)
      #expect(
        changed { tensor in
          guard tensor.name == "encoder.weight" else { return tensor }
          return tensor.withUnsafeBytes {
            NamedTensor(
              name: tensor.name, shape: tensor.shape.reversed(),
              floats: Array($0.bindMemory(to: Float.self)))
          }
        } != hash)
      let renamed = CheckpointSnapshot(
        state: snapshot.state,
        files: snapshot.files.map {
          .init(name: $0.name == "generator-ema" ? "other" : $0.name, tensors: $0.tensors)
        })
      #expect(renamed.tensorHash() != hash)
    }
  }

  @Test func foldersAreOrderedByNumber() throws {
    #expect(CheckpointDirectory.name(step: 1000) == "step-00001000")
    #expect(CheckpointDirectory.name(step: 123_456_789) == "step-123456789")
    #expect(CheckpointDirectory("a/step-00000012/").step == 12)
    for name in ["step-12", "step-000000012", "step-00000012.corrupt", "step--0000001", "step-"] {
      #expect(CheckpointDirectory(name).step == nil, "\(name)")
    }
    try withTemporaryFolder { folder in
      let store = try quickStore(folder, RetentionPolicy(keepLast: 9))
      for step in [123_456_789, 9900, 10_000, 99_999_999] {
        try store.save(exampleSnapshot(step: step))
      }
      #expect(try store.steps() == [123_456_789, 99_999_999, 10_000, 9900])
      #expect(try CheckpointDirectory.all(in: folder).map(\.step) == store.steps())
      #expect(try store.newestValid(upTo: 50_000)?.checkpoint.state.step == 10_000)
      #expect(try store.supersede(after: 10_000).count == 2)
      #expect(try store.newestValid()?.checkpoint.state.step == 10_000)
    }
  }

  @Test func aCheckpointThatDoesNotFitIsNotBegun() throws {
    struct SmallDisk: CheckpointFileSystem {
      let real = POSIXFileSystem()
      func createDirectory(_ path: String) throws(SystemCallError) {
        try real.createDirectory(path)
      }
      func createFile(_ path: String) throws(SystemCallError) -> Int32 {
        throw SystemCallError(call: "create", path: path, code: ENOSPC)
      }
      func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String)
        throws(SystemCallError) -> Int
      { 0 }
      func synchronize(_ descriptor: Int32, path: String) {}
      func close(_ descriptor: Int32, path: String) {}
      func synchronizeDirectory(_ path: String) {}
      func rename(_ path: String, to newPath: String) {}
      func removeFile(_ path: String) {}
      func removeDirectory(_ path: String) {}
      func entries(of path: String) throws(SystemCallError) -> [String] {
        try real.entries(of: path)
      }
      func freeByteCount(at path: String) -> Int { 1 << 20 }
    }
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(root: folder, fileSystem: SmallDisk())
      let error = #expect(throws: CheckpointError.self) { try store.save(exampleSnapshot(step: 1)) }
      #expect(try #require(error).description.contains("1 MiB are free"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }
}

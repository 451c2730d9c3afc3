import Checkpoints
import Dispatch
import Files
import Foundation
import Testing

@Suite struct BackgroundCheckpointWriterTests {
  /// Lets writes wait until the test opens a gate.
  final class GatedFileSystem: CheckpointFileSystem {
    let real = POSIXFileSystem()
    let gate = DispatchSemaphore(value: 0)

    func createDirectory(_ path: String) throws(SystemCallError) {
      if path.contains(".tmp-") { gate.wait() }
      try real.createDirectory(path)
    }
    func createFile(_ path: String) throws(SystemCallError) -> Int32 { try real.createFile(path) }
    func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String)
      throws(SystemCallError) -> Int
    { try real.write(bytes, to: descriptor, path: path) }
    func synchronize(_ descriptor: Int32, path: String) throws(SystemCallError) {
      try real.synchronize(descriptor, path: path)
    }
    func close(_ descriptor: Int32, path: String) throws(SystemCallError) {
      try real.close(descriptor, path: path)
    }
    func synchronizeDirectory(_ path: String) throws(SystemCallError) {
      try real.synchronizeDirectory(path)
    }
    func rename(_ path: String, to newPath: String) throws(SystemCallError) {
      try real.rename(path, to: newPath)
    }
    func removeFile(_ path: String) throws(SystemCallError) { try real.removeFile(path) }
    func removeDirectory(_ path: String) throws(SystemCallError) { try real.removeDirectory(path) }
    func entries(of path: String) throws(SystemCallError) -> [String] { try real.entries(of: path) }
    func freeByteCount(at path: String) throws(SystemCallError) -> Int {
      try real.freeByteCount(at: path)
    }
  }

  /// Saved, failed, skipped.
  private func counts(_ writer: BackgroundCheckpointWriter) -> [Int] {
    [writer.counts.saved, writer.counts.failed, writer.counts.skipped]
  }

  @Test func theSnapshotIsThatOfTheMomentOfSubmission() throws {
    try withTemporaryFolder { folder in
      let gated = GatedFileSystem()
      let writer = BackgroundCheckpointWriter(
        store: try CheckpointStore(root: folder, fileSystem: gated))
      let live = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 64)
      defer { live.deallocate() }
      let values = live.bindMemory(to: Float.self)
      values.initialize(repeating: 1)
      let tensor = NamedTensor(name: "w", shape: [1024], bytes: UnsafeRawBufferPointer(live))
      let snapshot = CheckpointSnapshot(
        state: exampleState(step: 5), generator: [tensor], discriminator: [], optimizer: [])
      writer.reserve(for: snapshot)
      #expect(writer.submit(snapshot))
      #expect(writer.isWriting)
      values.update(repeating: 2)
      #expect(!writer.submit(snapshot), "only one write may be in flight")
      gated.gate.signal()
      writer.waitUntilIdle()
      #expect(!writer.isWriting)
      let saved = try CheckpointDirectory("\(folder)/step-00000005").load()
      #expect(try saved.generator.tensor("w").floats() == [Float](repeating: 1, count: 1024))
      #expect(counts(writer) == [1, 0, 1])
      #expect(writer.takeReports().map(\.step) == [5])
      #expect(writer.takeReports().isEmpty)
    }
  }

  @Test func theBufferServesSnapshotsOfAnySize() throws {
    try withTemporaryFolder { folder in
      let writer = BackgroundCheckpointWriter(
        store: try CheckpointStore(root: folder, retention: RetentionPolicy(keepLast: 9)))
      for (step, scale) in [(1, 24), (2, 5000), (3, 24)] {
        let snapshot = exampleSnapshot(step: step, scale: scale)
        #expect(writer.submit(snapshot))
        writer.waitUntilIdle()
        let hash = try writer.store.directory(step: step).tensorHash()
        #expect(hash == snapshot.tensorHash())
      }
    }
  }

  @Test func aFailureIsReportedAndTheNextSaveTriesAgain() throws {
    try withTemporaryFolder { folder in
      let faulty = FaultyFileSystem(.fail(at: 14, code: ENOSPC))
      let writer = BackgroundCheckpointWriter(
        store: try CheckpointStore(root: folder, fileSystem: faulty))
      for step in [1, 2] {
        #expect(writer.submit(exampleSnapshot(step: step)))
        writer.waitUntilIdle()
      }
      #expect(counts(writer) == [1, 1, 0])
      let reports = writer.takeReports()
      #expect(reports.map(\.step) == [1, 2])
      guard case .failure(let failure) = reports[0].result else {
        Issue.record("the first save did not fail")
        return
      }
      #expect(failure.description.contains("No space left"))
      #expect(try writer.store.steps() == [2])
    }
  }

  @Test func theLastCheckpointIsNotSkipped() throws {
    try withTemporaryFolder { folder in
      let writer = BackgroundCheckpointWriter(store: try CheckpointStore(root: folder))
      #expect(writer.submit(exampleSnapshot(step: 1)))
      let report = try writer.saveAndWait(exampleSnapshot(step: 2))
      #expect(report.directory.hasSuffix("step-00000002"))
      #expect(counts(writer) == [2, 0, 0])
      #expect(try writer.store.steps() == [2, 1])
      try FileManager.default.removeItem(atPath: folder)
      #expect(throws: BackgroundCheckpointWriter.SaveFailure.self) {
        try writer.saveAndWait(exampleSnapshot(step: 3))
      }
    }
  }
}

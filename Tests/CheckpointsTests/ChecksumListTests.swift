import Checkpoints
import Foundation
import Testing

/// What `xxhsum -c`, which knows nothing of this program, finds in a checkpoint's folder.
@Suite struct ChecksumListTests {
  /// Runs `xxhsum -c XXH128SUMS` in a folder; whether it is content, and what it said.
  private func check(_ folder: String) throws -> (passes: Bool, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["xxhsum", "-c", "--strict", "XXH128SUMS"]
    process.currentDirectoryURL = URL(filePath: folder)
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus == 0, String(decoding: output, as: UTF8.self))
  }

  @Test func aPublicToolAgrees() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder)
      // One file is larger than the pieces in which it is hashed.
      try store.save(exampleSnapshot(step: 4, scale: 150_001))
      let path = store.directory(step: 4).path
      let found = try check(path)
      #expect(found.passes, "\(found.output)")
      let names = try FileManager.default.contentsOfDirectory(atPath: path)
      for name in names where name != "XXH128SUMS" {
        #expect(found.output.contains("\(name): OK"))
        let whole = try contents("\(path)/\(name)")
        var damaged = whole
        damaged[whole.count / 2] ^= 16
        try overwrite("\(path)/\(name)", damaged)
        let again = try check(path)
        #expect(!again.passes && again.output.contains("\(name): FAILED"), "\(again.output)")
        try overwrite("\(path)/\(name)", whole)
      }
    }
  }

  /// The list may be written again with `xxhsum`, in any order.
  @Test func theOrderOfLinesIsFree() throws {
    try withTemporaryFolder { folder in
      let store = try quickStore(folder)
      try store.save(exampleSnapshot(step: 4))
      let directory = store.directory(step: 4)
      let path = "\(directory.path)/XXH128SUMS"
      let lines = String(decoding: try contents(path), as: UTF8.self).split(separator: "\n")
      try overwrite(path, lines.reversed().map { "\($0)\n" }.joined().utf8)
      #expect(try directory.verify() == [])
      try overwrite(path, lines.dropLast().map { "\($0)\n" }.joined().utf8)
      #expect(try directory.verify().map(\.file) == ["XXH128SUMS"])
    }
  }
}

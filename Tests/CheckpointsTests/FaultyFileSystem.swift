import Checkpoints
import Files
import Foundation
import Synchronization

/// The machine's file system with one fault at a chosen system call.
///
/// It never waits for the disk: durability is simulated, so that hundreds of saves take a second.
final class FaultyFileSystem: CheckpointFileSystem {
  enum Fault {
    /// Counts calls and changes nothing.
    case none
    /// The process is killed at the call: neither it nor any later one happens.
    case kill(at: Int)
    /// As `kill`, but the call still happens; a write gets half of its bytes down.
    case killAfter(at: Int)
    /// The power fails at the call: whatever was not made durable before is lost.
    case powerCut(at: Int)
    /// The one call fails with a code, and the process goes on.
    case fail(at: Int, code: Int32)
    /// From the call on, every write fails as on a full disk, and the process goes on.
    case fullDisk(from: Int)
  }

  private struct Journal {
    var calls = 0
    var isDead = false
    /// Files whose content has not been synchronised, by path.
    var unsynchronized: Set<String> = []
    /// Renames not made durable, with the content of a file that was replaced.
    var renames: [(from: String, to: String, replaced: Data?)] = []
    var openPaths: [Int32: String] = [:]
  }

  private let fault: Fault
  private let real = POSIXFileSystem()
  private let journal = Mutex(Journal())

  init(_ fault: Fault) { self.fault = fault }

  /// System calls so far, the one with the fault included.
  var calls: Int { journal.withLock { $0.calls } }
  /// Whether the fault has happened.
  var hasDied: Bool { journal.withLock { $0.isDead } }

  /// Counts a call and returns whether the process dies right after it; throws if it dies before.
  private func enter(_ call: String, _ path: String) throws(SystemCallError) -> Bool {
    let number = try count(call, path)
    switch fault {
    case .none: return false
    case .kill(let at):
      if number == at { throw die(call, path) }
    case .killAfter(let at): return number == at
    case .powerCut(let at):
      if number == at {
        losePower()
        throw die(call, path)
      }
    case .fail(let at, let code):
      if number == at { throw SystemCallError(call: call, path: path, code: code) }
    case .fullDisk(let from):
      if number >= from, call == "write" {
        throw SystemCallError(call: call, path: path, code: ENOSPC)
      }
    }
    return false
  }

  private func count(_ call: String, _ path: String) throws(SystemCallError) -> Int {
    let number: Int? = journal.withLock { journal in
      guard !journal.isDead else { return nil }
      journal.calls += 1
      return journal.calls - 1
    }
    guard let number else { throw SystemCallError(call: "dead \(call)", path: path, code: EIO) }
    return number
  }

  private func die(_ call: String, _ path: String) -> SystemCallError {
    journal.withLock { journal in
      journal.isDead = true
      for descriptor in journal.openPaths.keys { _ = Foundation.close(descriptor) }
      journal.openPaths = [:]
    }
    return SystemCallError(call: "killed in \(call)", path: path, code: EIO)
  }

  /// Empties files that were not synchronised and takes back renames that were not made durable.
  private func losePower() {
    journal.withLock { journal in
      for path in journal.unsynchronized { truncate(path, 0) }
      for (from, to, replaced) in journal.renames.reversed() {
        _ = Foundation.rename(to, from)
        if let replaced { try? replaced.write(to: URL(filePath: to)) }
      }
    }
  }

  /// Carries out a call unless the fault prevents it.
  private func perform<Result>(
    _ call: String, _ path: String, _ body: () throws(SystemCallError) -> Result
  ) throws(SystemCallError) -> Result {
    let isLast = try enter(call, path)
    do throws(SystemCallError) {
      let result = try body()
      guard isLast else { return result }
    } catch {
      guard isLast else { throw error }
    }
    throw die(call, path)
  }

  func createDirectory(_ path: String) throws(SystemCallError) {
    try perform("mkdir", path) { () throws(SystemCallError) in try real.createDirectory(path) }
  }

  func createFile(_ path: String) throws(SystemCallError) -> Int32 {
    try perform("create", path) { () throws(SystemCallError) in
      let descriptor = try real.createFile(path)
      journal.withLock {
        $0.openPaths[descriptor] = path
        _ = $0.unsynchronized.insert(path)
      }
      return descriptor
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String)
    throws(SystemCallError) -> Int
  {
    try perform("write", path) { () throws(SystemCallError) in
      // Short writes are allowed, so the code under test always sees some.
      let part = UnsafeRawBufferPointer(rebasing: bytes.prefix((bytes.count + 1) / 2))
      return try real.write(part, to: descriptor, path: path)
    }
  }

  func synchronize(_ descriptor: Int32, path: String) throws(SystemCallError) {
    try perform("fsync", path) { () throws(SystemCallError) in
      journal.withLock { _ = $0.unsynchronized.remove(path) }
    }
  }

  func close(_ descriptor: Int32, path: String) throws(SystemCallError) {
    try perform("close", path) { () throws(SystemCallError) in
      journal.withLock { _ = $0.openPaths.removeValue(forKey: descriptor) }
      try real.close(descriptor, path: path)
    }
  }

  func synchronizeDirectory(_ path: String) throws(SystemCallError) {
    try perform("fsync folder", path) { () throws(SystemCallError) in
      journal.withLock { journal in
        journal.renames.removeAll { $0.to.hasPrefix(path + "/") }
      }
    }
  }

  func rename(_ path: String, to newPath: String) throws(SystemCallError) {
    try perform("rename", path) { () throws(SystemCallError) in
      let replaced = try? Data(contentsOf: URL(filePath: newPath))
      try real.rename(path, to: newPath)
      journal.withLock { journal in
        journal.renames.append((path, newPath, replaced))
        journal.unsynchronized = Set(
          journal.unsynchronized.map { name in
            name.hasPrefix(path) ? newPath + name.dropFirst(path.count) : name
          })
      }
    }
  }

  func removeFile(_ path: String) throws(SystemCallError) {
    try perform("unlink", path) { () throws(SystemCallError) in
      try real.removeFile(path)
      journal.withLock { _ = $0.unsynchronized.remove(path) }
    }
  }

  func removeDirectory(_ path: String) throws(SystemCallError) {
    try perform("rmdir", path) { () throws(SystemCallError) in try real.removeDirectory(path) }
  }

  func entries(of path: String) throws(SystemCallError) -> [String] {
    try perform("readdir", path) { () throws(SystemCallError) in try real.entries(of: path) }
  }

  func freeByteCount(at path: String) throws(SystemCallError) -> Int {
    try perform("statvfs", path) { () throws(SystemCallError) in try real.freeByteCount(at: path) }
  }
}

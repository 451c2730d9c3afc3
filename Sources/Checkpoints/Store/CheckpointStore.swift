package import Files
internal import Foundation

/// The folder with all checkpoints of a run, for the one process that writes it.
///
/// Layout: `step-00001000/` and so on, and `latest`, a text file with the name of the newest one. A
/// folder gets its final name by a rename after all of its content is on the disk, so whatever
/// bears such a name is complete. Names that start with a dot are work in progress.
package struct CheckpointStore: Sendable {
  /// The folder.
  package let root: String
  /// Which checkpoints stay after a save.
  package let retention: RetentionPolicy
  let fileSystem: any CheckpointFileSystem

  /// Opens the folder, creates it if need be, and clears up what an interrupted save has left.
  ///
  /// Only the process that writes checkpoints may do this; to look at checkpoints use
  /// `CheckpointDirectory`, which changes nothing.
  ///
  /// - Parameters:
  ///   - root: The folder.
  ///   - retention: Which checkpoints stay after a save.
  ///   - fileSystem: The calls that change the disk.
  /// - Throws: `SystemCallError`.
  package init(
    root: String, retention: RetentionPolicy = RetentionPolicy(),
    fileSystem: any CheckpointFileSystem = POSIXFileSystem()
  ) throws(SystemCallError) {
    self.root = CheckpointDirectory(root).path
    self.retention = retention
    self.fileSystem = fileSystem
    try createRoot(self.root)
    try recover()
  }

  /// The checkpoint folder of a step.
  package func directory(step: Int) -> CheckpointDirectory {
    CheckpointDirectory("\(root)/\(CheckpointDirectory.name(step: step))")
  }

  /// The steps that have a checkpoint, newest first.
  package func steps() throws(SystemCallError) -> [Int] {
    try fileSystem.entries(of: root).compactMap(CheckpointDirectory.step(ofName:)).sorted(by: >)
  }

  /// Puts checkpoints after a step out of the way, when a run goes back to it.
  ///
  /// They get the ending `.superseded` and are not looked at again.
  ///
  /// - Returns: The new paths.
  /// - Throws: `SystemCallError`.
  @discardableResult
  package func supersede(after step: Int) throws(SystemCallError) -> [String] {
    var moved: [String] = []
    for later in try steps() where later > step {
      moved.append(try setAside(directory(step: later), ending: "superseded"))
    }
    return moved
  }

  /// Renames a checkpoint to a name that is not that of a checkpoint.
  func setAside(_ directory: CheckpointDirectory, ending: String) throws(SystemCallError)
    -> String
  {
    let taken = Set(try fileSystem.entries(of: root))
    let base = "\(DurableFileWriter.split(directory.path).name).\(ending)"
    var name = base
    var number = 2
    while taken.contains(name) {
      name = "\(base)-\(number)"
      number += 1
    }
    try fileSystem.rename(directory.path, to: "\(root)/\(name)")
    try fileSystem.synchronizeDirectory(root)
    return "\(root)/\(name)"
  }

  /// Where a step's folder is while it is written (`tmp`), replaced or removed.
  func workPath(_ step: Int, _ purpose: String) -> String {
    "\(root)/.\(CheckpointDirectory.name(step: step)).\(purpose)-\(getpid())"
  }

  private func createRoot(_ path: String) throws(SystemCallError) {
    do {
      try fileSystem.createDirectory(path)
    } catch  where error.code == EEXIST {
      return
    } catch  where error.code == ENOENT {
      try createRoot(DurableFileWriter.split(path).folder)
      try fileSystem.createDirectory(path)
    }
    try fileSystem.synchronizeDirectory(DurableFileWriter.split(path).folder)
  }

  private func recover() throws(SystemCallError) {
    let names = try fileSystem.entries(of: root)
    for name in names where name.hasPrefix(".") {
      let path = "\(root)/\(name)"
      if name.hasPrefix(".latest.tmp-") {
        try fileSystem.removeFile(path)
        continue
      }
      let parts = name.dropFirst().split(separator: ".")
      guard parts.count == 2, CheckpointDirectory.step(ofName: String(parts[0])) != nil else {
        continue
      }
      if parts[1].hasPrefix("replaced-"), !names.contains(String(parts[0])) {
        // A save stopped between moving the old folder away and moving the new one in.
        try fileSystem.rename(path, to: "\(root)/\(parts[0])")
        try fileSystem.synchronizeDirectory(root)
      } else if ["tmp-", "removed-", "replaced-"].contains(where: parts[1].hasPrefix) {
        try fileSystem.removeTree(path)
      }
    }
  }
}

/// One thing that is wrong with a checkpoint.
package struct CheckpointProblem: Error, Equatable, Sendable, Codable, CustomStringConvertible {
  /// The file concerned, by its name in the checkpoint's folder.
  package let file: String
  /// What is wrong with it.
  package let reason: String

  /// File and reason on one line.
  package var description: String { "\(file): \(reason)" }
}

/// A checkpoint that was passed over, and why.
package struct DamagedCheckpoint: Equatable, Sendable, CustomStringConvertible {
  /// The folder as it was found.
  package let directory: String
  /// What is wrong with it.
  package let problems: [CheckpointProblem]
  /// The folder's new name if it was put out of the way, otherwise nil.
  package let movedTo: String?

  /// One line with all problems.
  package var description: String {
    let list = problems.map(\.description).joined(separator: "; ")
    return "\(directory) is damaged (\(list))" + (movedTo.map { ", moved to \($0)" } ?? "")
  }
}

/// A checkpoint that cannot be saved or used.
package enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The checkpoint is incomplete or altered.
  case damaged(directory: String, problems: [CheckpointProblem])
  /// There are checkpoints, and none of them can be used.
  case noneValid(root: String, damaged: [DamagedCheckpoint])
  /// A later version of the program wrote the checkpoint.
  case newerFormat(directory: String, version: Int)
  /// The disk has no room for another checkpoint.
  case insufficientSpace(root: String, neededByteCount: Int, freeByteCount: Int)
  /// The process may not make files as large as a checkpoint's.
  case fileSizeLimit(root: String, neededByteCount: Int, limitByteCount: Int)
  /// The checkpoint has no file of this kind.
  case missingFile(directory: String, name: String)

  /// What is wrong and what to do.
  package var description: String {
    switch self {
    case .damaged(let directory, let problems):
      return "\(directory) is damaged: " + problems.map(\.description).joined(separator: "; ")
        + "; take another checkpoint of the run (--resume auto finds the newest usable one), or restore "
        + "this one from a backup"
    case .noneValid(let root, let damaged):
      let list = damaged.map { "\n  \($0)" }.joined()
      return "\(root) has checkpoints, but none that can be used.\(list)\n"
        + "Restore one from a backup, or move the folder away to start from step 0."
    case .newerFormat(let directory, let version):
      return "\(directory): format version \(version) is newer than this program reads "
        + "(\(CheckpointManifest.currentFormatVersion)); use the version that wrote it"
    case .insufficientSpace(let root, let needed, let free):
      return "\(root): a checkpoint needs \(needed >> 20) MiB, \(free >> 20) MiB are free"
    case .fileSizeLimit(let root, let needed, let limit):
      return
        "\(root): a checkpoint's largest file has \(needed >> 10) KiB, and ulimit -f allows files of "
        + "\(limit >> 10) KiB"
    case .missingFile(let directory, let name):
      return "\(directory) has no \(name).safetensors"
    }
  }
}

internal import Files

extension CheckpointStore {
  /// The checkpoint that a run goes on from, and those that were passed over.
  package struct Recovery: Sendable {
    /// The newest checkpoint that can be used.
    package let checkpoint: LoadedCheckpoint
    /// Newer ones that cannot; they have been renamed so that they are not tried again.
    package let damaged: [DamagedCheckpoint]
  }

  /// Loads the newest checkpoint that can be used, walking back over damaged ones.
  ///
  /// Damaged checkpoints get the ending `.corrupt`, and `latest` is set to the one found.
  ///
  /// - Parameter step: Looks no further than this step; by default at all.
  /// - Returns: Nil if the folder has never had a checkpoint, or has later ones.
  /// - Throws: `CheckpointError.noneValid` if there are checkpoints, set aside ones included, but
  ///   none can be used; `CheckpointError.newerFormat`; `SystemCallError` if a file may not be
  ///   read, which says nothing about the checkpoint.
  package func newestValid(upTo step: Int = .max) throws -> Recovery? {
    var damaged: [DamagedCheckpoint] = []
    for candidate in try steps() where candidate <= step {
      let directory = directory(step: candidate)
      do {
        let loaded = try directory.load()
        // A pointer that cannot be written matters to nobody who reads through this type.
        if !damaged.isEmpty || !latestNames(candidate) { try? pointLatest(to: candidate) }
        return Recovery(checkpoint: loaded, damaged: damaged)
      } catch CheckpointError.damaged(let path, let problems) {
        let moved = try? setAside(directory, ending: "corrupt")
        damaged.append(DamagedCheckpoint(directory: path, problems: problems, movedTo: moved))
      }
    }
    if let newest = try steps().first, newest > step { return nil }
    let corrupt = try fileSystem.entries(of: root).filter {
      $0.hasPrefix("step-") && $0.contains(".corrupt")
    }
    if damaged.isEmpty && corrupt.isEmpty { return nil }
    let known = Set(damaged.compactMap(\.movedTo))
    for name in corrupt.reversed() where !known.contains("\(root)/\(name)") {
      let problem = CheckpointProblem(file: name, reason: "was found damaged earlier")
      damaged.append(
        DamagedCheckpoint(directory: "\(root)/\(name)", problems: [problem], movedTo: nil))
    }
    throw CheckpointError.noneValid(root: root, damaged: damaged)
  }

  private func latestNames(_ step: Int) -> Bool {
    let expected = "\(CheckpointDirectory.name(step: step))\n"
    guard let bytes = try? FileBytes.read("\(root)/latest") else { return false }
    return bytes.withUnsafeBytes { $0.elementsEqual(expected.utf8) }
  }
}

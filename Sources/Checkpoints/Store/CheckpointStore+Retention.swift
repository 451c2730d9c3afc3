internal import Files

extension CheckpointStore {
  /// Removes the checkpoints that the retention policy gives up.
  ///
  /// Before anything goes, the newest checkpoint is read back; if it turns out to be damaged, the
  /// one before it counts as the newest.
  ///
  /// - Parameter justSaved: The step that has just been saved, which stays in any case.
  /// - Throws: `SystemCallError`.
  package func prune(justSaved: Int) throws {
    let steps = try steps()
    guard let newest = steps.first else { return }
    func metric(_ step: Int) -> Double? {
      guard let name = retention.best?.metric else { return nil }
      return try? directory(step: step).state().validation[name]
    }
    guard !retention.removable(steps, newestValid: newest, metric: metric).isEmpty else { return }
    guard let newestValid = try steps.first(where: { try directory(step: $0).verify().isEmpty })
    else { return }
    let removable = retention.removable(steps, newestValid: newestValid, metric: metric)
      .filter { $0 != justSaved }
    guard !removable.isEmpty else { return }
    // Under its own name a folder is complete or absent, after a power cut too: it is renamed, and
    // that made durable, before it is emptied.
    for step in removable {
      try fileSystem.rename(directory(step: step).path, to: workPath(step, "removed"))
    }
    try fileSystem.synchronizeDirectory(root)
    for step in removable { try fileSystem.removeTree(workPath(step, "removed")) }
  }
}

import Foundation
import Training

/// The runs of a folder.
enum RunFolders {
  /// A folder that a run writes to.
  struct Run: Sendable {
    /// Names it in addresses.
    let id: String
    /// The folder's name.
    let name: String
    let directory: RunDirectory
  }

  /// Every folder that has a configuration, by name; the folder itself where it is a run.
  static func all(in root: String) -> [Run] {
    let files = FileManager.default
    func run(_ name: String, _ path: String) -> Run? {
      let directory = RunDirectory(path)
      guard files.fileExists(atPath: directory.configuration) else { return nil }
      return Run(id: safeIdentifier(name), name: name, directory: directory)
    }
    if let own = run(URL(fileURLWithPath: root).lastPathComponent, root) { return [own] }
    var found: [Run] = []
    for name in ((try? files.contentsOfDirectory(atPath: root)) ?? []).sorted()
    where !name.hasPrefix(".") {
      guard let next = run(name, "\(root)/\(name)") else { continue }
      var id = next.id
      while found.contains(where: { $0.id == id }) { id += "-2" }
      found.append(Run(id: id, name: name, directory: next.directory))
    }
    return found
  }
}

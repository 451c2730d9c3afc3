import Checkpoints
import Foundation
import GeneratorFiles
import Running
import Synchronization
import Training

/// The networks that can fill: those that the user named, or else the newest checkpoint of every run, and
/// the baselines.
final class NetworkList: Sendable {
  private let weights: [String]
  private let runs: String
  /// What was found out about files, which are looked at once.
  private let known = Mutex<[StudioNetwork.Source: GeneratorAbilities]>([:])

  /// Looks for networks.
  ///
  /// - Parameters:
  ///   - weights: Files, or folders of runs and of checkpoints; none for the newest of every run.
  ///   - runs: The folder of the runs.
  /// - Throws: `RunError` where a file is not there, or what is wrong with it.
  init(weights: [String], runs: String) throws {
    self.weights = try weights.map(generatorPath)
    for path in self.weights { _ = try GeneratorAbilities(ofFile: path) }
    self.runs = runs
  }

  /// All of them, the learned ones first and the newest of these at the head; a run that has got
  /// further has its newer checkpoint.
  func networks() -> [StudioNetwork] {
    var files = weights.map { (name: Self.name(of: $0), path: $0) }
    if files.isEmpty {
      files = RunFolders.all(in: runs).compactMap { run in
        guard
          let newest = try? CheckpointDirectory.all(in: run.directory.checkpoints).first(where: {
            $0.step != nil && FileManager.default.fileExists(atPath: "\($0.path)/state.json")
          }), let file = try? generatorPath(newest.path)
        else { return nil }
        return (run.name, file)
      }
    }
    var networks: [StudioNetwork] = []
    for file in files {
      let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
      guard let changed = attributes?[.modificationDate] as? Date else { continue }
      var id = safeIdentifier(file.name)
      while networks.contains(where: { $0.id == id }) { id += "-2" }
      let source = StudioNetwork.Source.weights(
        path: file.path, changed: changed.timeIntervalSince1970)
      networks.append(
        StudioNetwork(
          id: id, name: file.name, detail: Self.detail(of: file.path), source: source,
          abilities: abilities(of: source, path: file.path)))
    }
    if weights.isEmpty {
      networks.sort { $0.changed > $1.changed }
    }
    return networks + [
      StudioNetwork(
        id: "patchmatch", name: "PatchMatch", detail: "copies patches; learns nothing",
        source: .patchMatch, abilities: .filling),
      StudioNetwork(
        id: "telea", name: "Telea", detail: "goes on from the edge; learns nothing",
        source: .telea, abilities: .filling),
    ]
  }

  /// What is no generator fails when it is asked to fill, and says why.
  private func abilities(of source: StudioNetwork.Source, path: String) -> GeneratorAbilities {
    if let found = known.withLock({ $0[source] }) { return found }
    let found = (try? GeneratorAbilities(ofFile: path)) ?? .filling
    known.withLock { $0[source] = found }
    return found
  }

  /// The run's name where the file lies in one, else the file's own.
  private static func name(of path: String) -> String {
    let parts = URL(fileURLWithPath: path).pathComponents
    if let index = parts.lastIndex(of: "checkpoints"), index > 0 { return parts[index - 1] }
    return ((path as NSString).lastPathComponent as NSString).deletingPathExtension
  }

  private static func detail(of path: String) -> String {
    let parts = URL(fileURLWithPath: path).pathComponents
    let average = path.hasSuffix("/generator-ema.safetensors") ? ", average" : ""
    guard let step = parts.dropLast().last.flatMap({ CheckpointDirectory($0).step }) else {
      return (path as NSString).lastPathComponent
    }
    return "step \(step)\(average)"
  }
}

extension StudioNetwork {
  fileprivate var changed: Double {
    if case .weights(_, let changed) = source { changed } else { 0 }
  }
}

/// A name of letters, digits and hyphens, for addresses that people write.
func safeIdentifier(_ name: String) -> String {
  let letters = name.lowercased().map { character in
    character.isASCII && (character.isLetter || character.isNumber || "._".contains(character))
      ? character : "-"
  }
  let joined = String(letters).trimmingCharacters(in: CharacterSet(charactersIn: "-."))
  return joined.isEmpty ? "network" : joined
}

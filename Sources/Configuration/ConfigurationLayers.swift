import Foundation
import Yams

/// The texts that a configuration file consists of: those that it extends, and its own.
///
/// `extends` names a file, relative to the one it stands in, or a preset, or a list of them. Later ones
/// change what earlier ones say, and the file itself has the last word.
struct ConfigurationLayers {
  /// A text and what messages call it.
  typealias Layer = (yaml: String, origin: String)

  /// In the order in which they are merged.
  private(set) var layers: [Layer] = []

  /// The key that names what a file extends.
  static let key = "extends"

  /// Reads a file, or a preset, and all that it extends.
  ///
  /// - Throws: `ConfigurationError` naming the file that cannot be read, or those that extend each other.
  init(_ path: String) throws(ConfigurationError) { try add(path, below: []) }

  private mutating func add(_ path: String, below chain: [String]) throws(ConfigurationError) {
    let preset = Preset.named(path)
    let identity =
      preset.map { "preset \($0.name)" }
      ?? URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    guard !chain.contains(identity) else {
      throw Self.problem(
        path, "extends itself: " + (chain + [identity]).joined(separator: " -> "),
        "remove \(Self.key) from one of them")
    }
    let text = if let preset { preset.text } else { try Self.contents(of: path) }
    let folder = (path as NSString).deletingLastPathComponent
    for base in try Self.bases(text, origin: path) {
      let isRelative = Preset.named(base) == nil && !base.hasPrefix("/") && !folder.isEmpty
      try add(isRelative ? "\(folder)/\(base)" : base, below: chain + [identity])
    }
    layers.append((text, preset.map { "preset \($0.name)" } ?? path))
  }

  /// What a text extends.
  private static func bases(
    _ text: String, origin: String
  ) throws(ConfigurationError) -> [String] {
    // What is no YAML is told when it is merged.
    guard let value = (try? Node.parsed(text, origin: origin))?[key] else { return [] }
    let names = value.string.map { [$0] } ?? value.sequence?.compactMap(\.string) ?? []
    guard !names.isEmpty, names.count == value.sequence?.count ?? 1, !names.contains("") else {
      throw problem(
        origin, "\(key): names no file", "write \(key): celeba-64.yaml, or a list of files")
    }
    return names
  }

  private static func contents(of path: String) throws(ConfigurationError) -> String {
    let contents: Data
    do {
      contents = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError
      let reason = cause.map { String(cString: strerror($0.code.rawValue)) } ?? "\(error)"
      throw problem(
        path, "cannot be read: \(reason)",
        "name a YAML file, such as configs/quickstart.yaml, or a preset (inpaint config --presets)")
    }
    guard let text = String(data: contents, encoding: .utf8) else {
      throw problem(
        path, "is not UTF-8 text", "name a YAML file, such as configs/quickstart.yaml")
    }
    return text
  }

  private static func problem(
    _ path: String, _ reason: String, _ remedy: String
  ) -> ConfigurationError {
    ConfigurationError(problems: [
      ConfigurationProblem(
        kind: .unreadable, origin: path, key: "", value: "", reason: reason, remedy: remedy)
    ])
  }
}

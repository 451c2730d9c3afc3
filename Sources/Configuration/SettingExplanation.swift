import Spelling

extension RunConfiguration {
  /// Every key with its type, default and meaning, as plain text.
  package static func settingsList() -> String {
    settings.map(\.explanation).joined()
  }

  /// A key with its type, default and meaning, or a section and everything in it, as plain text.
  ///
  /// - Parameter key: The path of a key or section, such as `training.batch` or `training`.
  /// - Returns: Lines of text, of which those that begin with a space belong to the key above them.
  /// - Throws: `ConfigurationError` that names the nearest key where there is no such one.
  package static func explanation(of key: String) throws(ConfigurationError) -> String {
    let found = settings.filter { $0.key == key || $0.key.hasPrefix(key + ".") }
    guard found.isEmpty else { return found.map(\.explanation).joined() }
    func lastName(_ key: String) -> String { key.split(separator: ".").last.map(String.init) ?? "" }
    let keys = settings.map(\.key)
    // A name without its section, such as "batch", is a way to ask as well.
    let nearest =
      keys.first { lastName($0) == key } ?? nearestName(to: key, among: keys) ?? "training"
    throw ConfigurationError(problems: [
      ConfigurationProblem(
        kind: .unknownKey, origin: "--explain", key: key, value: "",
        reason: "there is no such key", remedy: "the nearest is \(nearest)")
    ])
  }

  /// The keys that have different values here and in `other`, a line each, with those that only one of the
  /// two kinds of models has.
  ///
  /// - Parameters:
  ///   - other: What to compare with.
  ///   - names: What this and the other configuration are called in the text.
  /// - Returns: Lines of text; one where nothing differs.
  package func comparison(with other: RunConfiguration, names: (String, String)) -> String {
    let changes = differences(to: other)
    let (mine, theirs) = (values, other.values)
    let (myKeys, theirKeys) = (Set(mine.map(\.key)), Set(theirs.map(\.key)))
    let lines =
      changes.map { change in
        "\(change.key): \(change.value.shown) → \(change.otherValue.shown)"
          + (change.decidesArithmetic ? "" : " (a run that goes on may change it)")
      }
      + mine.filter { !theirKeys.contains($0.key) }.map {
        "\($0.key): \($0.value.shown) → no such key"
      }
      + theirs.filter { !myKeys.contains($0.key) }.map {
        "\($0.key): no such key → \($0.value.shown)"
      }
    guard !lines.isEmpty else { return "\(names.0) and \(names.1) have the same settings.\n" }
    return "\(names.0) → \(names.1)\n" + lines.map { "  \($0)\n" }.joined()
  }
}

extension SettingDescription {
  /// The key, its type and default in a line; below it, its meaning and that of each word.
  fileprivate var explanation: String {
    guard form != .section else {
      return "\(key)\n" + wrapped(meaning, indent: "    ", columns: 80)
    }
    let mark =
      RunConfiguration.keysOutsideArithmetic.contains(key)
      ? "; a run that goes on may change it" : ""
    return "\(key): \(form.name), default \(defaultsInWords.replacing("`", with: ""))\(mark)\n"
      + wrapped(meaning, indent: "    ", columns: 80)
      + form.words.map { wrapped("\($0.name): \($0.meaning)", indent: "      ", columns: 80) }
      .joined()
  }
}

extension String {
  /// The text, or quotes where it would not be seen.
  fileprivate var shown: String { isEmpty ? "\"\"" : self }
}

import Yams

extension RunConfiguration {
  /// A page in Markdown about every key, with its type, default and meaning.
  ///
  /// `docs/settings.md` is this text.
  package static func settingsReference() -> String {
    let sections = settings.filter { $0.form == .section }.map(\.key)
    func keys(of section: String) -> [SettingDescription] {
      settings.filter { $0.form != .section && $0.section == section }
    }
    let chapters = ([""] + sections).filter { !keys(of: $0).isEmpty }
    let introduction = """
      # Settings

      Every key of a configuration file. This page is written by the program; after a change of a setting write it \
      anew:

      ```sh
      .build/release/inpaint config --reference > docs/settings.md
      ```

      A file states only what it changes. `--set key.path=value` replaces a value on the command line, such as \
      `--set training.batch=32`. A key that does not exist, a value of another type and values that do not go together \
      stop a run before step 1.

      Where the kinds of models (`model.kind`) have different defaults, all are given; a key that only one kind has is \
      marked with it. A run that goes on from a checkpoint may change the keys marked ↻; all others decide its numbers.


      """
    return introduction
      + chapters.map { chapter(of: $0, keys: keys(of: $0)) }.joined(separator: "\n")
  }

  private static func chapter(of section: String, keys: [SettingDescription]) -> String {
    let title = section.isEmpty ? "## The run" : "##\(section.contains(".") ? "#" : "") \(section)"
    let meaning = settings.first { $0.key == section && $0.form == .section }?.meaning
    let rows = keys.map { setting in
      let marks = keysOutsideArithmetic.contains(setting.key) ? " ↻" : ""
      let cells = [
        "`\(setting.name)`\(marks)", setting.form.name, setting.defaultsInWords,
        setting.meaningWithWords,
      ]
      return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }
    return title + "\n\n" + (meaning.map { $0 + "\n\n" } ?? "")
      + "| key | type | default | meaning |\n|---|---|---|---|\n" + rows.joined()
  }
}

extension SettingDescription {
  /// The last name of the path.
  fileprivate var name: Substring { key.split(separator: ".").last ?? "" }

  /// The path of the section that the key is in; empty for the whole file.
  fileprivate var section: String { key.split(separator: ".").dropLast().joined(separator: ".") }

  /// The default, or those of each kind of model where they differ, and which kind has the key.
  var defaultsInWords: String {
    guard key != "model.kind" else { return "`\(RunConfiguration().model.kind.rawValue)`" }
    let kinds = ModelConfiguration.Kind.allCases
    let defaults = kinds.compactMap { kind in
      self.default(of: kind).map { (kind: kind.rawValue, value: "`\($0)`") }
    }
    let values = Set(defaults.map(\.value))
    return switch (defaults.count == kinds.count, values.count) {
    case (true, 1): defaults[0].value
    case (false, 1): defaults[0].value + " (\(defaults.map(\.kind).joined(separator: ", ")) only)"
    default: defaults.map { "\($0.value) (\($0.kind))" }.joined(separator: ", ")
    }
  }

  /// The meaning, then that of each word.
  fileprivate var meaningWithWords: String {
    guard !form.words.isEmpty else { return meaning }
    let words = form.words.map { "`\($0.name)`: \($0.meaning)" }.joined(separator: "; ")
    return "\(meaning) \(words)."
  }

  /// The default of a kind of model as it is written in a file; nil where the kind has no such key.
  private func `default`(of kind: ModelConfiguration.Kind) -> String? {
    let tree = Node.tree(of: RunConfiguration(kind: kind))
    let node = key.split(separator: ".").reduce(Optional(tree)) { $0?.mapping?[Node(String($1))] }
    return node.map { form == .text ? "\"\($0.oneLine)\"" : $0.oneLine }
  }
}

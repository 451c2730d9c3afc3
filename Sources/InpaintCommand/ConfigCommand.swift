import ArgumentParser
import Configuration

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Tells about the settings of a configuration file.",
    discussion: """
      With a file alone, prints every key with the value that a training would use: what the file \
      and --set change, and the defaults.
      """)

  @Argument(help: "A configuration, a YAML file; two of them with --diff.")
  var files: [String] = []

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help:
      "Replaces one setting of the file, or of the second of two: key.path=value; may be repeated.")
  var overrides: [String] = []

  @Flag(
    help: "Prints which settings differ between two files, or between a file and itself with --set."
  )
  var diff = false

  @Flag(
    help: "Prints the configurations that come with the program, whose names work as files do.")
  var presets = false

  @Flag(help: "Prints every key with its type, default and meaning.")
  var list = false

  @Option(help: "Prints type, default and meaning of a key, or of all keys of a section.")
  var explain: String?

  @Flag(help: "Prints a page about every key, its type, default and meaning, in Markdown.")
  var reference = false

  func validate() throws {
    let questions = [list, explain != nil, reference, presets].filter(\.self).count
    guard questions + (diff ? 1 : 0) <= 1 else {
      throw ValidationError(
        "Ask for one of --diff, --list, --explain, --presets and --reference.")
    }
    guard questions == 0 || (files.isEmpty && overrides.isEmpty) else {
      throw ValidationError(
        "--list, --explain, --presets and --reference take no file and no --set.")
    }
    guard !diff || files.count == 2 || (files.count == 1 && !overrides.isEmpty) else {
      throw ValidationError("--diff compares two files, or a file with what --set makes of it.")
    }
    guard diff || questions == 1 || files.count == 1 else {
      throw ValidationError(
        "Name one file, or ask for --list, --explain KEY, --presets or --reference.")
    }
  }

  func run() throws {
    print(try answer(), terminator: "")
  }

  private func answer() throws -> String {
    if list { return RunConfiguration.settingsList() }
    if presets { return try Preset.list() }
    if reference { return RunConfiguration.settingsReference() }
    if let explain { return try RunConfiguration.explanation(of: explain) }
    let last = try RunConfiguration.load(path: files[files.count - 1], overrides: overrides)
    guard diff else { return last.effectiveYAML() }
    let name = ([files[files.count - 1]] + overrides.map { "--set \($0)" }).joined(separator: " ")
    return try RunConfiguration.load(path: files[0]).comparison(with: last, names: (files[0], name))
  }
}

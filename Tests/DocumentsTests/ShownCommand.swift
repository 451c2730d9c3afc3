import Configuration
import Foundation

/// A command line that a page shows, taken apart.
struct ShownCommand {
  /// The program, without a folder: `inpaint`, `local`, `step_speed.py`, `grep`.
  private(set) var program = ""
  /// Where it lies in this repository; empty for programs of the system.
  private(set) var folder = ""
  private(set) var arguments: [String] = []
  /// How many ranks it starts.
  private(set) var ranks = 1

  /// Takes off variables and what starts ranks.
  init(_ line: String) {
    var words = Self.words(line)[...]
    while let word = words.first, word.contains(#/^[A-Z_]+=/#) { words = words.dropFirst() }
    if words.first == "mpirun" {
      let end = words.firstIndex { $0.hasSuffix("/inpaint") } ?? words.endIndex
      if let option = words[..<end].firstIndex(of: "-n") { ranks = Int(words[option + 1]) ?? 0 }
      words = words[end...]
    } else if words.first == "sbatch" {
      words = words.drop { !$0.hasPrefix("launch/") }
    }
    guard let path = words.first else { return }
    let names = path.split(separator: "/").filter { $0 != "." }
    program = names.last.map(String.init) ?? ""
    folder = names.dropLast().joined(separator: "/")
    arguments = Array(words.dropFirst())
    if ["launch"].contains(folder), let option = arguments.firstIndex(of: "-n") {
      ranks = Int(arguments[option + 1]) ?? 0
    }
  }

  /// The words of a line; quotes keep blanks in a word and are dropped.
  private static func words(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" || character == "\"" {
        (quote, word) = (character, word ?? "")
      } else if character == " " {
        if let word { words.append(word) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }
}

extension ShownCommand {
  /// What is wrong with it; nil where nothing is.
  ///
  /// A mention of a command in a sentence is not complete: its configuration is not looked at.
  func problem(isComplete: Bool) throws -> String? {
    switch folder {
    case ".build/release": return try problem(inpaint: arguments, isComplete: isComplete)
    case "launch":
      guard Repository.exists("launch/\(program)") else { return "there is no launch/\(program)" }
      let script = ProgramOptions(script: try Repository.file("launch/\(program)").text)
      guard ["local", "cluster", "slurm.sbatch"].contains(program) else {
        return script.problem(with: arguments)
      }
      var own = arguments[...]
      while let word = own.first, word.hasPrefix("-") {
        guard script.withValue.contains(word) else { return "launch/\(program) has no \(word)" }
        own = own.dropFirst(2)
      }
      if own.isEmpty, !isComplete { return nil }
      return try problem(inpaint: ["train"] + own, isComplete: isComplete)
    case "Tests/Comparisons":
      guard Repository.exists("\(folder)/\(program)") else { return "there is no \(program)" }
      let text = try Repository.file("\(folder)/\(program)").text
      let options =
        program.hasSuffix(".sh") ? ProgramOptions(script: text) : ProgramOptions(python: text)
      return options.problem(with: arguments)
    case "":
      if program == "inpaint" { return try problem(inpaint: arguments, isComplete: isComplete) }
      return ["swift", "grep", "tensorboard", "xxhsum", "sha256sum"].contains(program)
        ? nil : "\(program) is not known to this test"
    default: return "\(folder)/\(program) is not known to this test"
    }
  }

  private func problem(inpaint arguments: [String], isComplete: Bool) throws -> String? {
    var options = ProgramOptions.inpaint
    var rest = arguments[...]
    while let word = rest.first, let subcommand = options.subcommands[word] {
      options = subcommand
      rest = rest.dropFirst()
    }
    if !options.subcommands.isEmpty, let word = rest.first, !word.hasPrefix("-") {
      return "inpaint has no command \(word)"
    }
    if let problem = options.problem(with: Array(rest)) { return problem }
    return isComplete ? try problemWithSettings(of: Array(rest), options) : nil
  }

  /// Whether the configuration that is named exists, and is valid with what `--set` changes.
  private func problemWithSettings(
    of arguments: [String], _ options: ProgramOptions
  ) throws -> String? {
    guard options.withValue.contains("--set") else { return nil }
    let overrides = zip(arguments, arguments.dropFirst()).filter { $0.0 == "--set" }.map(\.1)
    let file = arguments.first { $0.hasSuffix(".yaml") }
    do {
      if let file {
        try RunConfiguration.load(
          path: Repository.root.appending(path: file).path, overrides: overrides
        ).validate(rankCount: ranks)
      } else {
        _ = try RunConfiguration().applying(overrides: overrides)
      }
      return nil
    } catch {
      return "\(error)"
    }
  }
}

extension ProgramOptions {
  /// The first argument that the program does not take; nil where it takes them all.
  func problem(with arguments: [String]) -> String? {
    var rest = arguments[...]
    var positions = 0
    while let word = rest.popFirst() {
      let name = word.hasPrefix("--") ? String(word.prefix { $0 != "=" }) : word
      if withValue.contains(name) {
        if name == word, rest.popFirst() == nil { return "\(name) has no value" }
      } else if word.hasPrefix("-") {
        if !flags.contains(name) { return "there is no option \(name)" }
      } else {
        positions += 1
      }
    }
    return positions > self.positions
      ? "\(positions) words are given, and at most \(self.positions) are taken" : nil
  }
}

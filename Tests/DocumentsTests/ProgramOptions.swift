import Foundation
import Testing

/// What a program can be told on its command line.
struct ProgramOptions {
  /// Options that are followed by a value.
  var withValue: Set<String> = []
  /// Options that are not.
  var flags: Set<String> = ["--help"]
  /// How many words that are no options it takes at most.
  var positions = 0
  /// The subcommands.
  var subcommands: [String: ProgramOptions] = [:]

  /// All options, those of the subcommands included.
  var all: Set<String> {
    subcommands.values.reduce(into: withValue.union(flags)) { $0.formUnion($1.all) }
  }
}

extension ProgramOptions {
  /// Those of `inpaint`, as the program itself tells them.
  static let inpaint: ProgramOptions = {
    do {
      return ProgramOptions(try JSONDecoder().decode(Dump.self, from: dumpedHelp()).command)
    } catch {
      Issue.record("inpaint does not tell its options: \(error)")
      return ProgramOptions()
    }
  }()

  /// Those that a script of `launch/` compares its arguments with.
  init(script: String) {
    for match in script.matches(of: #/(?m)^ +(--?[a-z][a-z-]*)\) (.*)/#) {
      if match.2.contains("$2") || match.2.contains("${2") {
        withValue.insert(String(match.1))
      } else {
        flags.insert(String(match.1))
      }
    }
  }

  /// Those of a Python program.
  init(python: String) {
    for match in python.matches(of: #/add_argument\("(-?-?[a-z-]+)"(.*)/#) {
      switch (match.1.hasPrefix("-"), match.2.contains("store_true")) {
      case (true, true): flags.insert(String(match.1))
      case (true, false): withValue.insert(String(match.1))
      case (false, _): positions += 1
      }
    }
  }

  private struct Dump: Decodable {
    struct Command: Decodable {
      let commandName: String
      let subcommands: [Command]?
      let arguments: [Argument]?
    }

    struct Argument: Decodable {
      struct Name: Decodable {
        let kind: String
        let name: String
      }

      let kind: String
      let isRepeating: Bool
      let names: [Name]?
    }

    let command: Command
  }

  private init(_ command: Dump.Command) {
    for argument in command.arguments ?? [] {
      let names = (argument.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
      switch argument.kind {
      case "option": withValue.formUnion(names)
      case "flag": flags.formUnion(names)
      default: positions += argument.isRepeating ? 1000 : 1
      }
    }
    for subcommand in command.subcommands ?? [] {
      subcommands[subcommand.commandName] = ProgramOptions(subcommand)
    }
  }

  private static func dumpedHelp() throws -> Data {
    let process = Process()
    let output = Pipe()
    process.executableURL = try program
    process.arguments = ["--experimental-dump-help"]
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return text
  }

  /// The program, which the build puts beside the tests.
  private static var program: URL {
    get throws {
      let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      let folders =
        [own, URL(fileURLWithPath: CommandLine.arguments[0])].map { $0.deletingLastPathComponent() }
        + [Repository.root.appending(path: ".build/release")]
      return try #require(
        folders.map { $0.appending(path: "inpaint") }
          .first { FileManager.default.isExecutableFile(atPath: $0.path) },
        "inpaint is not built")
    }
  }
}

import ArgumentParser
import Configuration

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Tells about the settings of a configuration file.")

  @Flag(help: "Prints a page about every key, its type, default and meaning, in Markdown.")
  var reference = false

  func validate() throws {
    guard reference else { throw ValidationError("Say what to print: --reference.") }
  }

  func run() {
    print(RunConfiguration.settingsReference(), terminator: "")
  }
}

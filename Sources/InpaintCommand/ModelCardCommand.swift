import ArgumentParser
import Foundation
import Running
import Training

struct ModelCardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model-card",
    abstract: "Writes what whoever gets the weights of a run should know, in Markdown.")

  @Argument(help: "The run folder.")
  var directory: String

  @Option(help: "The page to write (default: standard output).")
  var output: String?

  @Option(help: "What the pictures are and where they come from.")
  var data: String?

  @Option(help: "Under what terms the pictures may be used.")
  var dataLicense: String?

  @OptionGroup var existing: OverwriteOption

  func run() throws {
    try refuseToReplace(output.map { [$0] } ?? [], unless: existing.overwrite)
    let card = try modelCard(of: directory, ModelCardNotes(data: data, license: dataLicense))
    guard let output else { return print(card, terminator: "") }
    do {
      try Data(card.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
    } catch {
      throw RunError(.badData, "\(output): cannot be written (\(systemReason(error)))")
    }
    print(output)
  }
}

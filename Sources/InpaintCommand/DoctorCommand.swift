import ArgumentParser
import Doctor
import Foundation
import Running

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Looks at this machine: processor, memory, libraries, two ranks, disk, pictures.",
    discussion: """
      A line for each: [ok], [look] at what could be better, [bad] where trainings will not work; then it ends \
      with 70. The page belongs into a report of a fault.
      """)

  @Option(help: "The folder of runs, whose disk is measured.")
  var runs = "runs"

  @Option(help: "A folder of pictures to look at.")
  var data: String?

  @Flag(help: .private)
  var ping = false

  func run() throws {
    if ping { withCommunicator { try pingRanks($0) } }
    let status = examineMachine(
      runs: runs, data: data, program: CommandLine.arguments[0]
    ) { print($0.lines) }
    throw ExitCode(status.rawValue)
  }
}

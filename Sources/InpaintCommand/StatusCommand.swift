import ArgumentParser
import Foundation
import Reports
import Running
import Training

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tells how far runs are: step, speed, time left, last scores.",
    discussion: """
      Reads the run folder only: from another shell or another machine that sees it, while a run trains \
      or afterwards.
      """)

  @Argument(help: "A run folder, or a folder of runs.")
  var folder = "runs"

  func run() throws {
    let own = RunDirectory(folder)
    if FileManager.default.fileExists(atPath: own.configuration) {
      return print(description(of: try RunStatus(own), name: folder))
    }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder).sorted() else {
      throw RunError(
        .badData, "\(folder): there is no such folder; name a run, or a folder of runs")
    }
    let runs = names.map { RunDirectory("\(folder)/\($0)") }
      .filter { FileManager.default.fileExists(atPath: $0.configuration) }
    guard !runs.isEmpty else { throw RunError(.badData, "\(folder): there is no run in it") }
    for run in runs { print(description(of: try RunStatus(run), name: run.path)) }
  }

  /// Some lines, each short enough for narrow terminals.
  private func description(of status: RunStatus, name: String) -> String {
    let words = ["running": "training", "stopped": "stopped", "done": "done"]
    var lines = ["\(name): \(words[status.state.rawValue] ?? "")"]
    let percent = 100 * Double(status.step) / Double(max(1, status.steps))
    var progress =
      "  step \(status.step) of \(status.steps) (\(rounded(percent, percent < 10 ? 1 : 0)) %)"
    if let speed = status.imagesPerSecond { progress += ", \(rounded(speed, 1)) images/s" }
    lines.append(progress)
    if status.state == .running, let left = status.secondsLeft {
      lines.append("  \(duration(left)) left")
    }
    if let changed = status.changed {
      let age = Date().timeIntervalSince(changed)
      lines.append("  last step \(duration(max(0, age))) ago")
      // The slowest steps take a minute or two; what is silent for longer may be stuck.
      if status.state == .running, age > 300 {
        lines.append("  it has not gone on for long: see docs/failures.md, \"watchdog\"")
      }
    }
    if status.state == .running { lines += ranks(of: name) }
    if let scores = status.scores {
      lines.append("  held-out pictures at step \(scores.step):")
      lines += scores.values.map {
        "    \($0.name.replacingOccurrences(of: "_", with: " ")) \(rounded($0.value, 3))"
      }
    }
    lines.append("  newest checkpoint: \(status.checkpoint ?? "none yet")")
    return lines.joined(separator: "\n")
  }

  /// What each rank does; nothing where one rank trains alone.
  private func ranks(of name: String) -> [String] {
    RankStatus.watch(RunDirectory(name)).map { "  \($0)" }
  }

  private func rounded(_ value: Double, _ digits: Int) -> String {
    value.formatted(.number.precision(.fractionLength(digits)).grouping(.never))
  }

  private func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min" }
    return whole < 172_800
      ? "\(whole / 3600) h \(whole % 3600 / 60) min" : "\(whole / 86_400) days"
  }
}

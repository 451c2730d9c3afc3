import Configuration
import Foundation
import Images
import Reports
import Running

/// What rank 0 shows of a run beside its log: `report.html`, `ranks.jsonl` and TensorBoard's events.
///
/// None of it decides anything: what fails here is a warning, and the run goes on.
final class RunDisplay {
  private let directory: RunDirectory
  private let imagesPerStep: Int
  private let reportEvery: Int
  private let warn: (String) -> Void
  private var report: RunReport?
  private var events: TensorBoardLog?
  private var rankLog: MetricsLog?
  private var rankSums: [[Double]] = []
  private var stepsInSums = 0
  private var lastWrite: ContinuousClock.Instant?
  private var lastWarning: String?

  /// Steps that share a line of `ranks.jsonl`.
  private static let stepsPerLine = 10
  /// Where steps are short, the report is not written more often than this.
  private static let shortestInterval = Duration.seconds(5)

  /// Takes up what earlier starts of the run have shown.
  init(_ session: Session, afterStep step: Int, warn: @escaping (String) -> Void) {
    directory = session.directory
    let configuration = session.configuration
    imagesPerStep = session.imagesPerStep
    reportEvery = configuration.training.reportEvery
    self.warn = warn
    attempt { rankLog = try MetricsLog(path: directory.rankTimes, afterStep: step) }
    if reportEvery > 0 {
      report = RunReport(reading: directory, configuration: configuration, warn: warn)
    }
    if configuration.training.tensorboard {
      attempt { events = try TensorBoardLog(folder: directory.events, firstStep: step + 1) }
    }
  }

  /// Shows a step.
  ///
  /// - Parameters:
  ///   - step: Its number.
  ///   - losses: Its losses.
  ///   - scores: Scores on held-out pictures, if any are due.
  ///   - costs: What it took beside time.
  ///   - seconds: How long it took.
  ///   - rankTimes: The parts of `StepClock` of every rank.
  func add(
    _ step: Int, _ losses: LossTerms, _ scores: [(name: String, value: Double)], costs: LossTerms,
    seconds: Double, rankTimes: [[Double]]
  ) {
    let imagesPerSecond = Double(imagesPerStep) / seconds
    var members = (losses + costs).map { (name: $0.name, values: [$0.value]) }
    members += scores.map { (name: "validation_\($0.name)", values: [$0.value]) }
    members += [
      ("step", [Double(step)]), ("images_per_second", [imagesPerSecond]), ("seconds", [seconds]),
    ]
    report?.add(metrics: FlatRecord(members))
    if let events {
      attempt {
        try events.add(
          step: step,
          losses.map { ("loss/\($0.name)", $0.value) }
            + scores.map { ("validation/\($0.name)", $0.value) }
            + costs.map { ("speed/\($0.name)", $0.value) }
            + [("speed/images_per_second", imagesPerSecond)])
      }
    }
    add(step, rankTimes: rankTimes)
  }

  /// Shows scores of weights before the first step.
  func add(firstScores scores: [(name: String, value: Double)]) {
    report?.add(
      metrics: FlatRecord(
        [("step", [0])] + scores.map { (name: "validation_\($0.name)", values: [$0.value]) }))
    if let events {
      attempt { try events.add(step: 0, scores.map { ("validation/\($0.name)", $0.value) }) }
    }
  }

  /// Shows a sample sheet.
  func add(_ step: Int, sampleSheet sheet: Image) {
    attempt { try report?.add(sampleSheet: sheet, step: step) }
    if let events { attempt { try events.add(step: step, tag: "samples", sheet) } }
  }

  /// Writes the report where it is due.
  ///
  /// - Parameters:
  ///   - step: The step that has ended.
  ///   - state: Not `running` after the last step of this start: the report is then due anyway.
  func refresh(_ step: Int, _ state: RunReport.State) {
    if state != .running { endLine(step) }
    guard report != nil, state != .running || step.isMultiple(of: reportEvery) else { return }
    let now = ContinuousClock.now
    if state == .running, let lastWrite, now - lastWrite < Self.shortestInterval { return }
    lastWrite = now
    report?.state = state
    report?.listCheckpoints(of: directory)
    attempt { try report?.write(to: directory.report) }
  }

  private func add(_ step: Int, rankTimes: [[Double]]) {
    if rankSums.isEmpty { rankSums = rankTimes.map { $0.map { _ in 0 } } }
    for (rank, parts) in rankTimes.enumerated() {
      for (part, seconds) in parts.enumerated() { rankSums[rank][part] += seconds }
    }
    stepsInSums += 1
    if stepsInSums == Self.stepsPerLine { endLine(step) }
  }

  /// Writes the mean times of the last steps.
  private func endLine(_ step: Int) {
    guard stepsInSums > 0 else { return }
    var line = JSONRecord()
    line.add("step", step)
    line.add("steps", stepsInSums)
    var members = [(name: "step", values: [Double(step)])]
    for (part, name) in StepClock.names.enumerated() {
      let seconds = rankSums.map { $0[part] / Double(stepsInSums) }
      line.add(name, seconds: seconds)
      members.append((name, seconds))
    }
    report?.add(rankTimes: FlatRecord(members))
    attempt { try rankLog?.append(line) }
    rankSums = []
    stepsInSums = 0
  }

  /// A full disk would fail at every step: the same warning comes once.
  private func attempt(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      let warning = "\(error)"
      if warning != lastWarning { warn(warning) }
      lastWarning = warning
    }
  }
}

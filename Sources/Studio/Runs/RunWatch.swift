import Configuration
import Foundation
import HTTPService
import Reports
import Synchronization
import Training

/// The runs of a folder, as the page shows them.
final class RunWatch: Sendable {
  /// What the list shows of a run.
  struct Summary: Encodable, Equatable, Sendable {
    let id, name, state: String
    let step, steps: Int
    let imagesPerSecond: Double?
    /// Seconds since 1970 of the last step.
    let changed: Double?
    let samples: [Int]
  }

  private struct State {
    var steps: [String: (date: Date?, steps: Int)] = [:]
    var live: [String: LiveRun] = [:]
    var order: [String] = []
  }

  private let root: String
  private let state = Mutex(State())
  /// Reports that are kept up to date.
  private static let keptReports = 12

  /// Watches the runs of a folder.
  init(_ root: String) { self.root = root }

  /// All runs, those that train first, then the last changed ones.
  func summaries() -> [Summary] {
    RunFolders.all(in: root).map(summary).sorted {
      ($0.state == "running" ? 0 : 1, -($0.changed ?? 0), $0.name)
        < ($1.state == "running" ? 0 : 1, -($1.changed ?? 0), $1.name)
    }
  }

  /// Everything that a run's report shows, as JSON.
  ///
  /// - Throws: `HTTPProblem` where there is no such run, or what is wrong with its files.
  func facts(of id: String) throws -> [UInt8] {
    let directory = try run(id).directory
    return try state.withLock { state in
      do {
        return try facts(of: directory, &state)
      } catch is LiveRun.Changed {
        state.live[directory.path] = nil
        return try facts(of: directory, &state)
      }
    }
  }

  /// The sample sheet of a step, at full size.
  func sample(of id: String, step: String) throws -> String {
    let directory = try run(id).directory
    guard let number = Int(step), directory.sampleSteps.contains(number) else {
      throw HTTPProblem(.notFound, "The run has no sample sheet of step \(step.prefix(20)).")
    }
    return directory.samples(step: number)
  }

  /// A run.
  func run(_ id: String) throws(HTTPProblem) -> RunFolders.Run {
    guard let run = RunFolders.all(in: root).first(where: { $0.id == id }) else {
      throw HTTPProblem(.notFound, "There is no run \(id.prefix(60)) here.")
    }
    return run
  }

  private func facts(of directory: RunDirectory, _ state: inout State) throws -> [UInt8] {
    let live = try state.live[directory.path] ?? LiveRun(directory)
    state.live[directory.path] = live
    state.order.removeAll { $0 == directory.path }
    state.order.append(directory.path)
    if state.order.count > Self.keptReports { state.live[state.order.removeFirst()] = nil }
    return try live.facts()
  }

  private func summary(_ run: RunFolders.Run) -> Summary {
    let last = lastRecord(of: run.directory.metrics)
    let step = last?["step"].flatMap { Int(exactly: $0) } ?? 0
    let steps = totalSteps(of: run.directory)
    return Summary(
      id: run.id, name: run.name,
      state: RunStatus.state(of: run.directory, step: step, steps: steps).rawValue,
      step: step, steps: steps,
      imagesPerSecond: last?["images_per_second"].flatMap { $0.isFinite ? $0 : nil },
      changed: changeDate(of: run.directory.metrics)?.timeIntervalSince1970,
      samples: run.directory.sampleSteps)
  }

  private func totalSteps(of directory: RunDirectory) -> Int {
    let date = changeDate(of: directory.configuration)
    if let known = state.withLock({ $0.steps[directory.path] }), known.date == date {
      return known.steps
    }
    let steps = (try? directory.readConfiguration())?.training.steps ?? 0
    state.withLock { $0.steps[directory.path] = (date, steps) }
    return steps
  }

  /// The last whole line of a log.
  private func lastRecord(of path: String) -> FlatRecord? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    guard let size = try? file.seekToEnd(),
      (try? file.seek(toOffset: size - min(size, 16384))) != nil,
      let data = try? file.readToEnd()
    else { return nil }
    var last: FlatRecord?
    FlatRecord.forEach(in: Array(data)) { last = $0["step"] == nil ? last : $0 }
    return last
  }
}

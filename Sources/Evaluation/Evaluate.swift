package import Communication
import Foundation
import GeneratorFiles
import Images
package import Running

/// Runs `inpaint evaluate`: ranks share the pictures, rank 0 reports.
///
/// - Returns: `done`.
/// - Throws: The same `RunError` on every rank.
package func evaluate(
  _ request: EvaluationRequest, communicator: any Communicator
) throws -> ExitStatus {
  _ = useThreads(0, ranksOnHost: communicator.hostSize)
  let request = try request.withFiles(communicator)
  if let weights = request.weights,
    try communicator.together({
      try GeneratorAbilities(ofFile: weights, entry: request.entry).samples
    })
  {
    return try evaluateFaces(request, weights: weights, communicator: communicator)
  }
  let (set, methods, learned) = try communicator.together {
    (
      try EvaluationSet(request), try EvaluationMethod.methods(of: request),
      try LearnedMetrics(request)
    )
  }
  // Before hours of work are done for a folder that cannot be written.
  let folder = try communicator.together {
    communicator.isRoot ? try request.output.map { try EvaluationFolder($0) } : nil
  }
  guard !request.fid || set.count > 1 else {
    throw RunError(.usage, "--fid needs two pictures; raise --count", isShared: true)
  }
  let share = try communicator.together {
    try EvaluationShare(
      set, methods: methods, learned: learned, variants: (request.variants, request.seed),
      rank: communicator.rank,
      worldSize: communicator.worldSize,
      keepsResults: request.output != nil
    ) { done in
      if StopSignals.pending != nil {
        throw RunError(.stopped, "stopped by a signal; no scores were written")
      }
      guard communicator.isRoot, !request.asJSON else { return }
      let all = min(done * communicator.worldSize, set.count)
      try? FileHandle.standardError.write(
        contentsOf: Data("\(all) of \(set.count) pictures\n".utf8))
    }
  }
  let gathered = try communicator.gather([UInt8](try JSONEncoder().encode(share)))
  _ = try communicator.fromRoot {
    let decoder = JSONDecoder()
    let joined = EvaluationShare(
      joining: try gathered.map { try decoder.decode(EvaluationShare.self, from: Data($0)) })
    let names = methods.map(\.name)
    let distances =
      learned.distances.map(\.name) + (request.variants > 0 ? VariantScores.names : [])
    let summary = EvaluationSummary(joined, of: set, methods: names, learned: distances)
    try folder?.write(summary, joined, of: set, methods: names, learned: distances)
    print(request.asJSON ? try summary.json : summary.table)
    return []
  }
  return .done
}

extension EvaluationSummary {
  /// One JSON object on one line.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}

import CKernels
package import Communication
package import Configuration
import Datasets
import Foundation
import Running
import Training

/// Measures what more ranks and more threads gain, and projects it onto many nodes.
///
/// Each rank has one thread. All measurements take turns in every round, so that a busy machine slows
/// all of them; the median of the rounds counts. Where one rank works alone the others sleep.
package struct ScalingBenchmark {
  /// What was measured.
  package struct Result: Sendable {
    /// The ranks.
    package var ranks = 0
    /// Images of all ranks in a step.
    package var batch = 0
    /// A step of all ranks.
    package var allRanksSeconds = 0.0
    /// The same step of all ranks without the sum of their gradients.
    package var withoutSumSeconds = 0.0
    /// A step of one rank with one rank's share of the batch.
    package var oneRankSeconds = 0.0
    /// A step of one rank with the whole batch.
    package var wholeBatchSeconds = 0.0
    /// `oneRankSeconds` with two threads; nil where this rank is bound to one processor.
    package var twoThreadsSeconds: Double?
    /// When one rank's gradients are ready, for each update of a step.
    package var timelines: [StepTimeline] = []

    /// One rank's step relative to that of all ranks, each with the same batch.
    package var weakEfficiency: Double { oneRankSeconds / allRanksSeconds }
    /// The step without the sum relative to the step with it.
    package var communicationEfficiency: Double { withoutSumSeconds / allRanksSeconds }
    /// How many times as fast all ranks are as one, with the same global batch.
    package var strongSpeedup: Double { wholeBatchSeconds / allRanksSeconds }
    /// How many times as fast two threads are as one.
    package var threadSpeedup: Double? { twoThreadsSeconds.map { oneRankSeconds / $0 } }
  }

  private let configuration: RunConfiguration
  private let communicator: any Communicator
  private let layout: ReplicaLayout

  /// Benchmarks a configuration.
  ///
  /// - Throws: Where there is one rank only, or the ranks do not divide the replicas.
  package init(_ configuration: RunConfiguration, communicator: any Communicator) throws {
    guard communicator.worldSize > 1 else {
      throw RunError(
        .usage,
        "benchmark scaling compares several ranks with one: start it with mpirun -n 2 --bind-to none"
      )
    }
    self.configuration = configuration
    self.communicator = communicator
    layout = try ReplicaLayout(
      replicas: configuration.training.partCount, worldSize: communicator.worldSize,
      rank: communicator.rank)
  }

  /// Takes one round to warm up, then so many that are measured; collective.
  ///
  /// - Returns: On rank 0 what was measured; elsewhere nothing of use.
  /// - Throws: What is wrong with the configuration, or between the ranks.
  package func run(rounds: Int) throws -> Result {
    _ = useThreads(1, ranksOnHost: communicator.hostSize)
    let single = SingleProcessCommunicator()
    let models = try communicator.together {
      (
        all: try makeModel(configuration, communicator: communicator, layout: layout),
        share: try makeModel(
          configuration, communicator: single,
          layout: ReplicaLayout(replicas: layout.localCount, worldSize: 1, rank: 0)),
        whole: communicator.isRoot
          ? try makeModel(
            configuration, communicator: single,
            layout: ReplicaLayout(replicas: layout.replicas, worldSize: 1, rank: 0)) : nil
      )
    }
    let noise = MadeUpBatches(configuration)
    let share = layout.localReplicas.map { noise.batch(replica: $0) }
    let whole = communicator.isRoot ? (0..<layout.replicas).map { noise.batch(replica: $0) } : []
    let hasTwoProcessors = ckernels_processor_count() > 1

    var seconds: [WritableKeyPath<Result, Double>: [Double]] = [:]
    var twoThreads: [Double] = []
    var timelines: [[StepTimeline]] = []
    for round in 0...rounds {
      let step = round + 1
      let all = try slowest { try TimedStep(step, of: models.all, share).totalSeconds }
      let withoutSum = try slowest { try TimedStep(step, of: models.share, share).totalSeconds }
      let alone = try communicator.whileOthersSleep {
        let one = try TimedStep(step, of: models.share, share)
        let wholeBatch =
          try models.whole.map { try TimedStep(step, of: $0, whole).totalSeconds } ?? 0
        guard hasTwoProcessors else { return (one, wholeBatch, 0.0) }
        defer { ckernels_set_thread_count(1) }
        ckernels_set_thread_count(2)
        // A step that is not measured starts the thread.
        if round == 0 { _ = try TimedStep(step, of: models.share, share) }
        return (one, wholeBatch, try TimedStep(step, of: models.share, share).totalSeconds)
      }
      guard round > 0, let alone else { continue }
      seconds[\.allRanksSeconds, default: []].append(all)
      seconds[\.withoutSumSeconds, default: []].append(withoutSum)
      seconds[\.oneRankSeconds, default: []].append(alone.0.totalSeconds)
      seconds[\.wholeBatchSeconds, default: []].append(alone.1)
      timelines.append(alone.0.timelines)
      if hasTwoProcessors { twoThreads.append(alone.2) }
    }
    var result = Result()
    result.ranks = communicator.worldSize
    result.batch = configuration.training.updateBatch
    for (path, values) in seconds { result[keyPath: path] = median(values) }
    if !twoThreads.isEmpty { result.twoThreadsSeconds = median(twoThreads) }
    func computeSeconds(_ step: [StepTimeline]) -> Double {
      step.reduce(0) { $0 + $1.computeSeconds }
    }
    timelines.sort { computeSeconds($0) < computeSeconds($1) }
    if !timelines.isEmpty { result.timelines = timelines[timelines.count / 2] }
    return result
  }

  /// The time of a step, which all ranks begin together, on the slowest of them.
  private func slowest(_ step: () throws -> Double) throws -> Double {
    try communicator.barrier()
    let own = try step()
    return try communicator.allGather([own]).map { $0[0] }.max() ?? own
  }
}

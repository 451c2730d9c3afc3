import CKernels
package import Communication
package import Configuration
import Datasets
import Foundation
package import Kernels
import Models
import Running
import Synchronization
import TensorCore
import Tracing
import Training

/// Measures training steps on made-up pictures: nothing is read from disk.
package struct StepBenchmark {
  /// What was measured.
  package struct Result: Sendable {
    /// Images of all ranks in a batch.
    package var batch = 0
    /// Batches that a step works on.
    package var batchesPerStep = 1
    /// Threads of a rank.
    package var threads = 0
    /// The duration of each measured step.
    package var seconds: [Double] = []
    /// The convolutions of one step, the most expensive first.
    package var convolutions: [KernelProfile.Row] = []
    /// Seconds of one step that other kernels take.
    package var otherKernels: [KernelProfile.Kind: Double] = [:]
    /// Floating-point operations that this rank's threads do in a second at the most, in float32.
    package var arithmeticPeak = 0.0
    /// Seconds of one step that the optimisers take.
    package var optimizerSeconds = 0.0
    /// Seconds of one step that are spent waiting for other ranks.
    package var waitingSeconds = 0.0
    /// How much of the sum over the ranks each measured step hides; nil for one rank.
    package var overlap: ReductionOverlap?
    /// Reorders of feature maps in one step.
    package var layoutConversions = 0
    /// Blocks of memory requested from the system after the second step.
    package var systemAllocations = 0
    /// The largest memory of the process.
    package var peakMemoryBytes = 0

    /// The median duration of a step.
    package var secondsPerStep: Double { median(seconds) }
    /// Images a second at the median duration.
    package var imagesPerSecond: Double { Double(batch * batchesPerStep) / secondsPerStep }
    /// The part of a step that convolutions take.
    package var convolutionShare: Double {
      convolutions.reduce(0) { $0 + $1.seconds } / profiledSeconds
    }
    /// Operations of the convolutions in a second of a step, as direct convolutions count them, per
    /// operation at the peak: Winograd makes more than 1 possible.
    package var effectiveShareOfPeak: Double {
      let operations = convolutions.reduce(0) {
        $0 + Double($1.shape.operationCount) * Double($1.calls)
      }
      return operations / profiledSeconds / arithmeticPeak
    }
    /// The duration of the step whose convolutions were measured.
    package var profiledSeconds = 0.0
  }

  private let configuration: RunConfiguration
  private let communicator: any Communicator

  /// Benchmarks a configuration.
  package init(_ configuration: RunConfiguration, communicator: any Communicator) {
    self.configuration = configuration
    self.communicator = communicator
  }

  /// The benchmark's own configuration: the 256-px DMFN with the released blocks, batch 2, random
  /// VGG weights.
  package static var defaultConfiguration: RunConfiguration {
    var configuration = RunConfiguration()
    configuration.model.block = .released
    configuration.data.side = 256
    configuration.training.batch = 2
    configuration.training.replicas = 1
    configuration.perceptual.weights = "random"
    return configuration
  }

  /// Takes two steps to warm up, then so many that are measured.
  ///
  /// - Throws: What is wrong with the configuration.
  package func run(steps: Int) throws -> Result {
    let layout = try ReplicaLayout(
      replicas: configuration.training.partCount, worldSize: communicator.worldSize,
      rank: communicator.rank)
    let threads = useThreads(
      configuration.training.threads, ranksOnHost: communicator.hostSize)
    let model = try communicator.together {
      try makeModel(configuration, communicator: communicator, layout: layout)
    }
    let noise = MadeUpBatches(configuration)
    let batches = layout.localReplicas.map { noise.batch(replica: $0) }
    var result = Result()
    result.batch = configuration.training.updateBatch
    result.batchesPerStep = model.batchesPerStep
    result.threads = threads
    for step in 1...2 { _ = try measure(step, model, batches) }
    let allocations = MemoryPool.shared.statistics.systemAllocations
    var exposed: [Double] = []
    for step in 3..<3 + steps {
      let measured = try measure(step, model, batches)
      result.seconds.append(measured.totalSeconds)
      exposed.append(
        try ReductionOverlap.exposedSeconds(own: measured.exposedSeconds, communicator))
    }
    result.systemAllocations = MemoryPool.shared.statistics.systemAllocations - allocations
    let conversions = KernelStatistics.layoutConversions.load(ordering: .relaxed)
    KernelProfile.start()
    let profiled = try measure(3 + steps, model, batches)
    result.convolutions = KernelProfile.stop()
    result.otherKernels = KernelProfile.secondsOfOthers
    result.arithmeticPeak = arithmeticPeak()
    result.layoutConversions =
      KernelStatistics.layoutConversions.load(ordering: .relaxed) - conversions
    result.profiledSeconds = profiled.totalSeconds
    result.optimizerSeconds = profiled.optimizerSeconds
    result.waitingSeconds = profiled.exposedSeconds
    if communicator.worldSize > 1 {
      result.overlap = try ReductionOverlap.measure(
        model, exposedSeconds: exposed, replicas: layout.localCount, communicator)
    }
    result.peakMemoryBytes = peakResidentBytes()
    return result
  }

  private func measure(
    _ step: Int, _ model: any AdversarialModel, _ batches: [ReplicaBatch]
  ) throws -> TimedStep {
    try communicator.barrier()
    return try Trace.span("step \(step)") { try TimedStep(step, of: model, batches) }
  }
}

import Checkpoints
import Communication
import Configuration
import Datasets
import Foundation
import Kernels
import Running

/// What a few steps of a run take, of which the whole run is reckoned.
struct RunMeasurement {
  /// Seconds of a step on average, those included that do more than others.
  private(set) var secondsPerStep = 0.0
  /// Seconds that a step waits for its pictures.
  private(set) var secondsOfWaiting = 0.0
  /// Seconds of a validation; 0 where there is none.
  private(set) var secondsPerValidation = 0.0
  /// Floating-point operations of all convolutions of a step on this rank, as direct convolutions count them.
  private(set) var operationsPerStep = 0.0
  /// The most memory that each rank will take.
  private(set) var peakBytes: [Int] = []
  /// The size of a checkpoint.
  private(set) var checkpointBytes = 0

  /// Steps that are measured beside those that only some updates make.
  private static let steps = 5

  /// Takes some steps on real pictures and a validation; collective.
  ///
  /// The model is of no use afterwards.
  ///
  /// - Throws: What is wrong with the pictures.
  init(_ session: Session) throws {
    let (model, communicator) = (session.model, session.communicator)
    let longest = model.updates.map(\.interval).max() ?? 1
    // The last step makes all updates; before it come steps that warm up and such as most are.
    let atLeast = max(longest, Self.steps + 3)
    let last = atLeast - atLeast % longest
    let first = max(1, last - Self.steps - 2)
    let loader = BatchLoader(
      source: session.data.training, sampler: session.sampler, transform: session.data.transform,
      rank: communicator.rank, worldSize: communicator.worldSize,
      firstStep: session.firstBatch(of: first),
      settings: LoaderSettings(
        workerCount: max(1, session.configuration.data.workers),
        queueDepth: model.batchesPerStep + 3))
    try communicator.together { try loader.waitUntilReady() }
    var (usual, waits, whole) = ([Double](), [Double](), 0.0)
    for step in first...last {
      try communicator.barrier()
      let start = ContinuousClock.now
      let batches = try communicator.together {
        try (0..<model.batchesPerStep).map { _ in try loader.next() }
      }
      let loaded = ContinuousClock.now
      if step == last { KernelProfile.start() }
      model.beginStep(step)
      for index in model.dueUpdates(at: step) {
        try model.sumGradients(batches[model.updates[index].batch], for: index) { _ in }
        model.update(index, step: step)
      }
      try communicator.barrier()
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      if step == last {
        operationsPerStep = KernelProfile.stop()
          .reduce(0) { $0 + Double($1.shape.operationCount) * Double($1.calls) }
        whole = seconds
      } else if step > first + 1 {
        usual.append(seconds)
        waits.append((loaded - start) / .seconds(1))
      }
    }
    loader.stop()
    let usualSeconds = median(usual)
    // The last step is measured with the profile of its kernels, which costs little.
    secondsPerStep =
      usualSeconds + (longest > 1 ? max(0, whole - usualSeconds) / Double(longest) : 0)
    secondsOfWaiting = median(waits)
    try measureValidation(session)
    let snapshot = session.snapshot(step: last, validation: [:])
    checkpointBytes = snapshot.fileByteCount
    // What comes with time: the pictures that are kept, and the state that a checkpoint is written from.
    let copy = (communicator.isRoot ? snapshot.tensorByteCount : 0) + loader.cacheByteCount
    peakBytes = try communicator.allGather([Double(peakResidentBytes() + copy)]).map {
      Int($0.first ?? 0)
    }
  }

  private mutating func measureValidation(_ session: Session) throws {
    let settings = session.configuration.validation
    let validation = try session.communicator.together {
      try session.model.makeValidation(
        on: HeldOutData(
          source: session.data.validation, training: session.data.training,
          transform: session.data.transform, settings: settings),
        communicator: session.communicator)
    }
    guard settings.every > 0, let validation, validation.isScored else { return }
    let start = ContinuousClock.now
    _ = try validation.scores()
    secondsPerValidation = (ContinuousClock.now - start) / .seconds(1)
  }
}

import Foundation
import Images
import Tracing

/// What the threads of a loader share; it outlives the loader until the last thread has ended.
///
/// The condition guards every stored variable. Workers take samples in the order in which they will
/// be needed and prepare them outside the lock.
final class LoaderWork: @unchecked Sendable {
  let preparation: SamplePreparation
  private let sampler: ShardedSampler
  private let replicas: Range<Int>
  private let queueDepth: Int

  private let condition = NSCondition()
  private var queue: [PendingStep] = []
  private var nextStep: Int
  private var isStopped = false
  private var failure: (any Error)?
  private var collected = LoaderStatistics()

  init(
    preparation: SamplePreparation, sampler: ShardedSampler, replicas: Range<Int>, firstStep: Int,
    queueDepth: Int
  ) {
    self.preparation = preparation
    self.sampler = sampler
    self.replicas = replicas
    self.queueDepth = queueDepth
    nextStep = firstStep
  }

  func start(workerCount: Int) {
    for number in 0..<workerCount {
      let thread = Thread { self.prepareUntilStopped(thread: number) }
      thread.name = "loader \(number)"
      thread.start()
    }
  }

  func stop() {
    condition.withLock {
      isStopped = true
      queue.removeAll()
      condition.broadcast()
    }
  }

  var statistics: LoaderStatistics { condition.withLock { collected } }

  func waitUntilReady() throws {
    try condition.withLock {
      _ = try firstReadyStep().batches(of: preparation.source)
    }
  }

  func next() throws -> [ReplicaBatch] {
    try condition.withLock {
      let step = try firstReadyStep()
      do {
        let batches = try step.batches(of: preparation.source)
        queue.removeFirst()
        collected.steps += 1
        collected.images += batches.reduce(0) { $0 + $1.names.count }
        condition.broadcast()
        return batches
      } catch {
        // Later steps must not be given out as if nothing had happened.
        failure = error
        isStopped = true
        queue.removeAll()
        condition.broadcast()
        throw error
      }
    }
  }

  /// Waits for the first step in the queue; needs the lock.
  private func firstReadyStep() throws -> PendingStep {
    let start = ContinuousClock.now
    defer { collected.waitSeconds += (ContinuousClock.now - start) / .seconds(1) }
    while !isStopped {
      if let step = queue.first, step.unfinishedCount == 0 { return step }
      condition.wait()
    }
    throw failure
      ?? DatasetError(.stopped, "loader", "a batch was asked for after the loader was stopped")
  }

  private func prepareUntilStopped(thread: Int) {
    while let (step, task) = takeTask() {
      let result = Trace.span("prepare an image", .loader(thread)) {
        Result {
          let sample = try preparation.prepare(task.reference)
          step.write(sample, at: task.place)
          return sample.hole.box
        }
      }
      condition.withLock {
        step.finish(task.place, result)
        if step.unfinishedCount == 0 { condition.broadcast() }
      }
    }
  }

  /// Waits for a sample to prepare; nil once the loader is stopped.
  private func takeTask() -> (PendingStep, PendingStep.Task)? {
    condition.withLock {
      while !isStopped {
        // Only the last step of the queue can have samples that nobody has taken.
        if let step = queue.last, let task = step.claim() { return (step, task) }
        if queue.count < queueDepth {
          queue.append(
            PendingStep(
              step: nextStep, sampler: sampler, replicas: replicas, side: preparation.side))
          nextStep += 1
          if queue.last?.unfinishedCount == 0 { condition.broadcast() }
        } else {
          condition.wait()
        }
      }
      return nil
    }
  }
}

package import Communication
package import Configuration
package import Datasets
import Foundation
package import Running
import Training

/// Measures how fast images are prepared, and what that costs a training step.
package struct DataBenchmark {
  /// What was measured.
  package struct Result: Sendable {
    /// The parts of the preparation, on one thread.
    package let preparation: PreparationTiming
    /// Threads that prepare images while training.
    package let workers: Int
    /// Images of all ranks in a batch.
    package let batch: Int
    /// Batches that a step works on.
    package var batchesPerStep = 1
    /// Seconds of each measured step on batches that lay ready; empty where none was measured.
    package var readySeconds: [Double] = []
    /// Seconds of each measured step on batches of the loader.
    package var loaderSeconds: [Double] = []
    /// The part of the latter that training waited for the loader.
    package var waitingSeconds = 0.0

    /// Throughput with the loader as a part of that with ready-made batches.
    package var loaderRatio: Double { readySeconds.reduce(0, +) / loaderSeconds.reduce(0, +) }
  }

  private let configuration: RunConfiguration
  private let communicator: any Communicator

  /// Benchmarks the data of a configuration.
  package init(_ configuration: RunConfiguration, communicator: any Communicator) {
    self.configuration = configuration
    self.communicator = communicator
  }

  /// Prepares images on one thread; then takes training steps with and without the loader.
  ///
  /// The two kinds of steps are taken in turns of `steps`, three times, so that a change of the
  /// machine's load meets both. Nothing is cached: every image is decoded each time, as it is where
  /// the data set does not fit into memory.
  ///
  /// - Parameters:
  ///   - imageCount: Images to prepare on one thread.
  ///   - steps: Steps of each turn; 0 leaves training out.
  /// - Returns: What was measured on this rank.
  /// - Throws: What is wrong with the configuration or the data.
  package func run(imageCount: Int, steps: Int) throws -> Result {
    let layout = try ReplicaLayout(
      replicas: configuration.training.partCount, worldSize: communicator.worldSize,
      rank: communicator.rank)
    _ = useThreads(configuration.training.threads, ranksOnHost: communicator.hostSize)
    let data = try DataSetup(configuration, communicator: communicator)
    var result = Result(
      preparation: try PreparationTiming(
        source: data.training, transform: data.transform, count: imageCount),
      workers: configuration.data.workers, batch: configuration.training.updateBatch)
    guard steps > 0 else { return result }
    let model = try communicator.together {
      try makeModel(configuration, communicator: communicator, layout: layout)
    }
    result.batchesPerStep = model.batchesPerStep
    let settings = LoaderSettings(
      workerCount: configuration.data.workers, queueDepth: model.batchesPerStep + 3,
      cacheLimitBytes: 0)
    var step = 0
    func take(_ next: () throws -> [ReplicaBatch]) throws {
      step += 1
      let batches = try (0..<model.batchesPerStep).map { _ in try next() }
      let updates = model.updates
      for index in model.dueUpdates(at: step) {
        try model.sumGradients(batches[updates[index].batch], for: index) { _ in }
        model.update(index, step: step)
      }
    }
    func timed(_ body: () throws -> Void) throws -> Double {
      try communicator.barrier()
      let start = ContinuousClock.now
      try body()
      return (ContinuousClock.now - start) / .seconds(1)
    }
    for turn in 0..<4 {
      let loader = BatchLoader(
        source: data.training,
        sampler: ShardedSampler(
          datasetCount: data.training.count, globalBatchSize: configuration.training.updateBatch,
          replicas: layout.replicas, seed: configuration.seed),
        transform: data.transform, rank: communicator.rank, worldSize: communicator.worldSize,
        settings: settings)
      let ready = try loader.next()
      // What was prepared ahead before the clock started must not count as free.
      for _ in 0...(settings.queueDepth - 1) / model.batchesPerStep where turn > 0 {
        try take(loader.next)
      }
      let waited = loader.statistics.waitSeconds
      let withLoader = try (0..<steps).map { _ in try timed { try take(loader.next) } }
      let waiting = loader.statistics.waitSeconds - waited
      loader.stop()
      let without = try (0..<steps).map { _ in try timed { try take { ready } } }
      // The first turn warms up.
      guard turn > 0 else { continue }
      result.loaderSeconds += withLoader
      result.readySeconds += without
      result.waitingSeconds += waiting
    }
    return result
  }
}

/// Runs `inpaint benchmark data` and prints its result on rank 0.
///
/// - Returns: `done`.
/// - Throws: What is wrong with the configuration or the data, on every rank.
package func benchmarkData(
  config: String?, overrides: [String], images: Int, steps: Int, asJSON: Bool,
  communicator: any Communicator
) throws -> ExitStatus {
  let text = try communicator.fromRoot {
    let configuration =
      try config.map { try RunConfiguration.load(path: $0, overrides: overrides) }
      ?? StepBenchmark.defaultConfiguration.applying(overrides: overrides)
    try configuration.validate(rankCount: communicator.worldSize)
    return Array(configuration.effectiveYAML().utf8)
  }
  let configuration = try RunConfiguration.parse(yaml: String(decoding: text, as: UTF8.self))
  let result = try DataBenchmark(configuration, communicator: communicator)
    .run(imageCount: images, steps: steps)
  if communicator.isRoot { print(asJSON ? result.json : result.table) }
  return .done
}

extension DataBenchmark.Result {
  /// Images a second of each part of the preparation, on one thread.
  private var rates: [(name: String, rate: Double)] {
    let count = Double(preparation.imageCount)
    return [
      ("read", preparation.readSeconds), ("decode", preparation.decodeSeconds),
      ("resize", preparation.resizeSeconds), ("mask", preparation.maskSeconds),
      ("write", preparation.writeSeconds),
      ("decode_and_resize", preparation.decodeSeconds + preparation.resizeSeconds),
      ("all", preparation.seconds),
    ].map { (name: $0.0, rate: count / $0.1) }
  }

  private var readyRate: Double {
    Double(batch * batchesPerStep * readySeconds.count) / readySeconds.reduce(0, +)
  }

  /// One JSON object; rates are images a second, those of the preparation on one thread.
  var json: String {
    var record = JSONRecord()
    record.add("images", preparation.imageCount)
    for rate in rates { record.add("\(rate.name)_images_per_second", rate.rate) }
    guard !readySeconds.isEmpty else { return record.text }
    record.add("workers", workers)
    record.add("batch", batch)
    record.add("ready_images_per_second", readyRate)
    record.add("loader_images_per_second", readyRate * loaderRatio)
    record.add("loader_ratio", loaderRatio)
    record.add("waiting_share", waitingSeconds / loaderSeconds.reduce(0, +))
    return record.text
  }

  /// Lines for people.
  var table: String {
    func tenth(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
    func thousandth(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
    var lines = ["\(preparation.imageCount) images on one thread, images a second:"]
    for rate in rates {
      let name = rate.name.replacingOccurrences(of: "_", with: " ")
      lines.append("  \(name): \(Int(rate.rate.rounded()))")
    }
    guard !readySeconds.isEmpty else { return lines.joined(separator: "\n") }
    lines.append(
      "training, batch \(batch): \(thousandth(readyRate)) images/s on ready-made batches, "
        + "\(thousandth(readyRate * loaderRatio)) with the loader (\(workers) threads): "
        + "\(tenth(100 * loaderRatio)) %; waiting for the loader "
        + "\(tenth(100 * waitingSeconds / loaderSeconds.reduce(0, +))) % of the time")
    return lines.joined(separator: "\n")
  }
}

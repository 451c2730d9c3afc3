import Checkpoints
package import Communication
package import Configuration
import Foundation
package import Running
import Training

/// Measures what saving costs: how long training stands still while its state is copied, and how fast
/// the copy is written behind its back.
package struct CheckpointBenchmark {
  /// What was measured.
  package struct Result: Sendable {
    /// Bytes of both networks' parameters, buffers and moments.
    package var stateByteCount = 0
    /// For each save, how long the training thread stood still.
    package var stallSeconds: [Double] = []
    /// For each save, how long the write took.
    package var writeSeconds: [Double] = []
    /// Bytes of a checkpoint on the disk.
    package var fileByteCount = 0

    /// The median stall for each 64 MiB of state, in milliseconds.
    package var stallMillisecondsPer64MiB: Double {
      median(stallSeconds) * 1000 * Double(64 << 20) / Double(stateByteCount)
    }
    /// The median speed of the write: checksums, data and their way to the disk.
    package var bytesWrittenPerSecond: Double { Double(fileByteCount) / median(writeSeconds) }
  }

  private let configuration: RunConfiguration
  private let communicator: any Communicator

  /// Benchmarks the state of a configuration.
  package init(_ configuration: RunConfiguration, communicator: any Communicator) {
    self.configuration = configuration
    self.communicator = communicator
  }

  /// Saves the state of new networks so many times into a folder of its own, and removes it.
  ///
  /// - Parameters:
  ///   - saves: The number of saves, after one to warm up.
  ///   - directory: Where the folder is made: on the disk to be measured.
  /// - Returns: What was measured.
  /// - Throws: What is wrong with the configuration or the disk.
  package func run(saves: Int, in directory: String) throws -> Result {
    let layout = try ReplicaLayout(
      replicas: configuration.training.partCount, worldSize: communicator.worldSize,
      rank: communicator.rank)
    let model = try makeModel(configuration, communicator: communicator, layout: layout)
    let folder = "\(directory)/.checkpoint-benchmark-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let writer = BackgroundCheckpointWriter(
      store: try CheckpointStore(root: folder, retention: RetentionPolicy(keepLast: 1)))
    writer.reserve(for: snapshot(step: 0, of: model))
    var result = Result()
    for step in 0...saves {
      let start = monotonicSeconds()
      let snapshot = snapshot(step: step, of: model)
      writer.submit(snapshot)
      let stall = monotonicSeconds() - start
      result.stateByteCount = snapshot.tensorByteCount
      writer.waitUntilIdle()
      for report in writer.takeReports() where step > 0 {
        result.fileByteCount = try report.result.get().byteCount
        result.stallSeconds.append(stall)
        result.writeSeconds.append(report.durationSeconds)
      }
    }
    return result
  }

  private func snapshot(step: Int, of model: any AdversarialModel) -> CheckpointSnapshot {
    CheckpointSnapshot(
      state: CheckpointState(
        step: step, epoch: 0, images: 0, nextSample: 0, seed: configuration.seed,
        replicas: configuration.training.partCount, configuration: configuration.effectiveYAML(),
        configurationFingerprint: configuration.fingerprint, dataIndexHash: "",
        codeVersion: codeVersion),
      files: model.checkpointFiles)
  }
}

extension CheckpointBenchmark.Result {
  /// One JSON object.
  package var json: String {
    var record = JSONRecord()
    record.add("state_bytes", stateByteCount)
    record.add("saves", stallSeconds.count)
    record.add("stall_seconds", median(stallSeconds))
    record.add("stall_seconds_max", stallSeconds.max() ?? 0)
    record.add("stall_milliseconds_per_64_mib", stallMillisecondsPer64MiB)
    record.add("write_seconds", median(writeSeconds))
    record.add("write_bytes_per_second", bytesWrittenPerSecond)
    return record.text
  }

  /// Two lines for people.
  package var table: String {
    func fixed(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
    return """
      state of \(stateByteCount >> 20) MiB: training stands still for \
      \(fixed(median(stallSeconds) * 1000)) ms a save (median of \(stallSeconds.count), max \
      \(fixed((stallSeconds.max() ?? 0) * 1000)) ms), \(fixed(stallMillisecondsPer64MiB)) ms for \
      each 64 MiB
      written behind its back in \(fixed(median(writeSeconds))) s, \
      \(fixed(bytesWrittenPerSecond / 1e6)) MB/s
      """
  }
}

/// Runs `inpaint benchmark checkpoint` and prints its result.
///
/// - Returns: `done`.
/// - Throws: What is wrong with the configuration or the disk, on every rank.
package func benchmarkCheckpoint(
  config: String?, overrides: [String], saves: Int, directory: String, asJSON: Bool,
  communicator: any Communicator
) throws -> ExitStatus {
  guard communicator.worldSize == 1 else {
    throw RunError(
      .usage, "checkpoints are saved by one rank: run this without mpirun", isShared: true)
  }
  let configuration =
    try config.map { try RunConfiguration.load(path: $0, overrides: overrides) }
    ?? StepBenchmark.defaultConfiguration.applying(overrides: overrides)
  try configuration.validate(rankCount: 1)
  let result = try CheckpointBenchmark(configuration, communicator: communicator)
    .run(saves: saves, in: directory)
  print(asJSON ? result.json : result.table)
  return .done
}

package import Communication
import Configuration
import Foundation
import Kernels
package import Running
import Training

/// Runs `inpaint benchmark step` and prints its result on rank 0.
///
/// - Returns: `done`.
/// - Throws: What is wrong with the configuration, on every rank.
package func benchmarkStep(
  config: String?, overrides: [String], steps: Int, trace: String?, asJSON: Bool,
  communicator: any Communicator
) throws -> ExitStatus {
  let configuration = try benchmarkConfiguration(
    config, StepBenchmark.defaultConfiguration, overrides: overrides, communicator)
  let backend = configuration.training.convolution
  let result = try ConvolutionBackend.$current.withValue(backend) {
    try TraceFile.record(to: trace, communicator) {
      try StepBenchmark(configuration, communicator: communicator).run(steps: steps)
    }
  }
  if communicator.isRoot { print(asJSON ? result.json : result.table) }
  return .done
}

/// Runs `inpaint benchmark scaling` and prints its result on rank 0.
///
/// - Parameters:
///   - config: The configuration's file; nil for the benchmark's own.
///   - overrides: Settings of the form `key.path=value` that replace those of the file.
///   - rounds: Rounds to measure.
///   - everyCount: Measures 2, 4, ... of the ranks as well, each with the same share of the batch.
///   - asJSON: Prints JSON, an object a line.
///   - communicator: The ranks.
/// - Returns: `done`.
/// - Throws: What is wrong with the configuration or the number of ranks, on every rank; where fewer ranks
///   measure, what goes wrong between them, on these, which ends the others.
package func benchmarkScaling(
  config: String?, overrides: [String], rounds: Int, everyCount: Bool, asJSON: Bool,
  communicator: any Communicator
) throws -> ExitStatus {
  var standard = StepBenchmark.defaultConfiguration
  standard.training.replicas = communicator.worldSize
  // Each rank's share is the step that `benchmark step` measures.
  standard.training.batch *= communicator.worldSize
  let configuration = try benchmarkConfiguration(
    config, standard, overrides: overrides, communicator)
  if everyCount && configuration.training.reduction == .fast {
    throw RunError(
      .usage, "--ranks measures the canonical sum: leave out --ranks or training.reduction=fast")
  }
  let worldSize = communicator.worldSize
  let fewer = everyCount ? Array(sequence(first: 2) { 2 * $0 }.prefix { $0 < worldSize }) : []
  for (index, count) in (fewer + [worldSize]).enumerated() {
    let result = try communicator.amongFirst(count) { ranks in
      var share = configuration
      share.training.accumulate = 1
      share.training.replicas = configuration.training.partCount / worldSize * count
      share.training.batch = configuration.training.updateBatch / worldSize * count
      return try ConvolutionBackend.$current.withValue(share.training.convolution) {
        try ScalingBenchmark(share, communicator: ranks).run(rounds: rounds)
      }
    }
    guard communicator.isRoot, let result else { continue }
    if asJSON {
      print(try result.json())
    } else {
      if everyCount && index == 0 { print(ScalingBenchmark.Result.countsHead) }
      if everyCount { print(result.countRow) }
      if count == worldSize { print(result.table) }
    }
  }
  return .done
}

/// The configuration of a file, or the benchmark's own, with overrides; the same on every rank.
private func benchmarkConfiguration(
  _ path: String?, _ standard: RunConfiguration, overrides: [String],
  _ communicator: any Communicator
) throws -> RunConfiguration {
  let text = try communicator.fromRoot {
    let configuration =
      try path.map { try RunConfiguration.load(path: $0, overrides: overrides) }
      ?? standard.applying(overrides: overrides)
    try configuration.validate(rankCount: communicator.worldSize)
    return Array(configuration.effectiveYAML().utf8)
  }
  return try RunConfiguration.parse(yaml: String(decoding: text, as: UTF8.self))
}

/// Runs `inpaint benchmark reduce` and prints its result on rank 0.
///
/// - Returns: `done`.
/// - Throws: What went wrong between the ranks.
package func benchmarkReduction(
  asJSON: Bool, communicator: any Communicator
) throws -> ExitStatus {
  let rows = try ReductionBenchmark.run(communicator)
  guard communicator.isRoot else { return .done }
  for row in rows {
    var record = JSONRecord()
    record.add("bytes", row.bytes)
    record.add("tree_seconds", row.treeSeconds)
    record.add("mpi_seconds", row.librarySeconds)
    record.add("tree_bytes_per_second", row.treeBandwidth)
    record.add("mpi_bytes_per_second", row.libraryBandwidth)
    record.add("ratio", row.ratio)
    var line =
      "\(row.bytes >> 20) MiB: canonical tree \(fixed(row.treeSeconds * 1000, 2)) ms "
      + "(\(fixed(row.treeBandwidth / 1e9, 2)) GB/s), MPI_Allreduce "
      + "\(fixed(row.librarySeconds * 1000, 2)) ms (\(fixed(row.libraryBandwidth / 1e9, 2)) GB/s), "
      + "ratio \(fixed(row.ratio, 2))"
    for format in WireFormat.allCases {
      guard let seconds = row.shortSeconds[format] else { continue }
      record.add("\(format.rawValue)_seconds", seconds)
      record.add("\(format.rawValue)_ratio", seconds / row.treeSeconds)
      line +=
        "; tree with \(format.rawValue) messages \(fixed(seconds * 1000, 2)) ms, "
        + "\(fixed(seconds / row.treeSeconds, 2)) of float32"
    }
    print(asJSON ? record.text : line)
  }
  return .done
}

extension ReductionOverlap {
  /// A line for people.
  fileprivate var line: String {
    "sum over the ranks: \(fixed(Double(bytes) / 1e6, 2)) MB, \(fixed(reductionSeconds * 1000, 1)) ms "
      + "with nothing beside it, \(fixed(exposedSeconds * 1000, 1)) ms of a step spent waiting for "
      + "it: \(fixed(100 * hiddenShare, 1)) % hidden behind backward"
  }
}

/// A number with so many decimals.
func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// A share as text.
private func percent(_ share: Double) -> String { "\(fixed(100 * share, 1)) %" }

extension StepBenchmark.Result {
  /// The parts of a step that kernels other than convolutions take.
  private var otherShares: [(kind: KernelProfile.Kind, share: Double)] {
    KernelProfile.Kind.allCases.map { ($0, (otherKernels[$0] ?? 0) / profiledSeconds) }
  }

  /// One JSON object.
  package var json: String {
    var record = JSONRecord()
    record.add("images_per_second", imagesPerSecond)
    record.add("images_per_second_min", Double(batch) / (seconds.max() ?? 0))
    record.add("images_per_second_max", Double(batch) / (seconds.min() ?? 0))
    record.add("seconds_per_step", secondsPerStep)
    record.add("seconds_per_step_min", seconds.min() ?? 0)
    record.add("seconds_per_step_max", seconds.max() ?? 0)
    record.add("batch", batch)
    record.add("batches_per_step", batchesPerStep)
    record.add("threads", threads)
    record.add("onednn", convolutionLibraryVersion)
    record.add("convolution_share", convolutionShare)
    for (kind, share) in otherShares { record.add("\(kind.rawValue)_share", share) }
    record.add("optimizer_share", optimizerSeconds / profiledSeconds)
    record.add("waiting_share", waitingSeconds / profiledSeconds)
    if let overlap {
      record.add("reduction_bytes", overlap.bytes)
      record.add("reduction_seconds", overlap.reductionSeconds)
      record.add("reduction_exposed_seconds", overlap.exposedSeconds)
      record.add("reduction_hidden_share", overlap.hiddenShare)
    }
    record.add("arithmetic_peak_flops", arithmeticPeak)
    record.add("effective_share_of_peak", effectiveShareOfPeak)
    record.add("layout_conversions", layoutConversions)
    record.add("system_allocations_after_warmup", systemAllocations)
    record.add("peak_memory_bytes", peakMemoryBytes)
    return record.text
  }

  /// A table for people.
  package var table: String {
    func column(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    var lines = [
      "\(fixed(imagesPerSecond, 3)) images/s; \(fixed(secondsPerStep, 3)) s a step (median of "
        + "\(seconds.count), min \(fixed(seconds.min() ?? 0, 3)), max \(fixed(seconds.max() ?? 0, 3))); "
        + "\(batchesPerStep > 1 ? "\(batchesPerStep) batches of" : "batch") \(batch), \(threads) threads; "
        + "oneDNN \(convolutionLibraryVersion); peak memory \(peakMemoryBytes >> 20) MiB",
      "convolutions \(percent(convolutionShare)), "
        + otherShares.map { "\($0.kind.rawValue) \(percent($0.share)), " }.joined()
        + "optimisers \(percent(optimizerSeconds / profiledSeconds)), waiting for other ranks "
        + "\(percent(waitingSeconds / profiledSeconds)) of a step",
      "\(fixed(arithmeticPeak / 1e9, 0)) GFLOP/s of float32 arithmetic at the most; convolutions, "
        + "counted as direct ones, do \(percent(effectiveShareOfPeak)) of that in the whole step",
      "\(layoutConversions) layout conversions, \(systemAllocations) allocations after warm-up",
    ]
    if let overlap { lines.append(overlap.line) }
    lines.append(column("ms", 9) + column("calls", 7) + column("GFLOP/s", 10) + "  convolution")
    for row in convolutions {
      let shape = row.shape
      let speed = Double(shape.operationCount * row.calls) / row.seconds / 1e9
      lines.append(
        column(fixed(row.seconds * 1000, 1), 9) + column("\(row.calls)", 7)
          + column(fixed(speed, 1), 10)
          + "  \(row.direction) \(shape.inputChannels)->\(shape.outputChannels) "
          + "\(shape.kernelHeight)x\(shape.kernelWidth) stride \(shape.settings.stride) "
          + "dilation \(shape.settings.dilation) at \(shape.inputHeight)x\(shape.inputWidth), "
          + "\(row.implementation)")
    }
    return lines.joined(separator: "\n")
  }
}

import Communication
import Configuration
import Datasets
import Foundation
import Images
import Layers
import Running
import TensorCore

extension RunPlan {
  /// Everything for people, in lines of at most 80 columns where names are not longer.
  func text(listsParameters: Bool) -> String {
    ([settings, data, networks(listsParameters), resources] + (doubts.isEmpty ? [] : [warnings]))
      .joined(separator: "\n\n")
  }

  private var settings: String {
    let usual = RunConfiguration(kind: configuration.model.kind)
    let changed = configuration.differences(to: usual).map { "  \($0.key): \($0.value)" }
    return
      (["settings that are not the defaults of model.kind \(configuration.model.kind.rawValue):"]
      + changed).joined(separator: "\n")
  }

  private var data: String {
    let (data, training) = (session.data, session.data.training)
    let sizes = pictureSizes
    var lines = ["data:", "  \(training.summary)"]
    lines.append("  training pictures: \(training.count), each seen \(number(epochs, 1)) times")
    lines.append(
      "  held out: "
        + (data.validation.map {
          "\($0.count), of which \(min($0.count, configuration.validation.count)) are scored"
        }
          ?? "none, so nothing is scored"))
    if let sizes { lines.append("  sizes of some: \(sizes)") }
    if let skipped = data.skippedCount { lines.append("  that cannot be used: \(skipped)") }
    return (lines + data.notes.map { "  \($0)" }).joined(separator: "\n")
  }

  /// Sizes of a few pictures, spread over all.
  private var pictureSizes: String? {
    let training = session.data.training
    let places = (0..<min(12, training.count)).map { $0 * training.count / min(12, training.count) }
    let sizes = places.compactMap { try? training.image(at: $0) }.map { "\($0.width)x\($0.height)" }
    let counted = Dictionary(grouping: sizes) { $0 }.sorted {
      ($1.value.count, $0.key) < ($0.value.count, $1.key)
    }
    return counted.isEmpty
      ? nil
      : counted.prefix(4).map(\.key).joined(separator: ", ")
        + (counted.count > 4 ? ", ..." : "")
  }

  private func networks(_ listsParameters: Bool) -> String {
    var lines = ["networks:"]
    for network in session.model.networks {
      let count = network.parameters.reduce(0) { $0 + $1.shape.elementCount }
      let frozen = network.parameters.filter { network.isFrozen($0.name) }
      lines.append(
        "  \(network.name): \(grouped(count)) parameters in \(network.parameters.count) tensors"
          + (frozen.isEmpty ? "" : ", \(frozen.count) of them frozen"))
      guard listsParameters else { continue }
      lines += network.parameters.map { parameter in
        "    \(parameter.name) \(parameter.shape)"
          + (network.isFrozen(parameter.name) ? " (frozen)" : "")
      }
    }
    lines.append(
      "  convolutions of a step with all its updates: \(number(measured.operationsPerStep / 1e9, 1)) billion operations"
        + (session.communicator.worldSize > 1 ? " a rank" : ""))
    return lines.joined(separator: "\n")
  }

  private var resources: String {
    let (training, ranks) = (configuration.training, session.communicator.worldSize)
    let peak = measured.peakBytes.max() ?? 0
    let images = Double(session.imagesPerStep) / measured.secondsPerStep
    var lines = [
      "on this machine, with \(ranks) rank\(ranks > 1 ? "s" : "") of \(session.threads) "
        + "thread\(session.threads > 1 ? "s" : ""):",
      "  memory: \(bytes(peak))" + (ranks > 1 ? " a rank at the most" : "")
        + ", of \(bytes(memoryBytes))",
      "  a step: \(number(measured.secondsPerStep, 3)) s, \(number(images, 1)) images/s; "
        + "waiting for pictures \(number(100 * measured.secondsOfWaiting / measured.secondsPerStep, 0)) %",
    ]
    if measured.secondsPerValidation > 0 {
      lines.append("  a validation: \(number(measured.secondsPerValidation, 1)) s")
    }
    lines.append("  \(grouped(training.steps)) steps: \(duration(seconds))")
    lines.append(
      "  checkpoints: \(bytes(measured.checkpointBytes)) each, \(checkpointCount) stay, "
        + "\(bytes(checkpointSpace)) with one being written"
        + (freeBytes.map { "; \(bytes($0)) are free" } ?? ""))
    let counts = (0...training.partCount.trailingZeroBitCount).map { 1 << $0 }
    let fitting = counts.filter { $0 * peak <= memoryBytes && $0 <= processors }
    lines.append(
      "  ranks: \(counts.map(String.init).joined(separator: ", ")) compute the same; on this machine fit "
        + (fitting.isEmpty ? "none" : fitting.map(String.init).joined(separator: ", ")))
    return lines.joined(separator: "\n")
  }

  var processors: Int {
    usableProcessorCount(environment: ProcessInfo.processInfo.environment)
  }

  private var warnings: String {
    "look at these before you start:\n" + doubts.map { "  * \($0)" }.joined(separator: "\n")
  }

  // MARK: Numbers for people

  private func number(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  private func grouped(_ count: Int) -> String {
    let digits = String(count)
    return digits.enumerated().reduce("") { text, next in
      text + (next.offset > 0 && (digits.count - next.offset) % 3 == 0 ? "," : "")
        + String(next.element)
    }
  }

  func bytes(_ count: Int) -> String {
    count < 1 << 30
      ? "\(number(Double(count) / 1_048_576, 1)) MiB"
      : "\(number(Double(count) / 1_073_741_824, 2)) GiB"
  }

  func duration(_ seconds: Double) -> String {
    if seconds < 120 { return "\(Int(seconds.rounded(.up))) s" }
    let minutes = Int((seconds / 60).rounded(.up))
    if minutes < 120 { return "\(minutes) min" }
    return minutes < 2880
      ? "\(minutes / 60) h \(minutes % 60) min" : "\(number(seconds / 86_400, 1)) days"
  }
}

import Foundation
import Testing

/// A DeepFill training of a few seconds on the faces of `SmallRun`: 4 replicas, 2 critic updates a
/// step.
enum DeepFillRun {
  /// Steps of the whole training.
  static let steps = 8

  /// Images in a step: three batches of 8.
  static let imagesPerStep = 24

  /// Runs `inpaint train`.
  static func train(
    _ folder: TemporaryFolder, _ run: String, _ settings: [String] = [], stopAfter: Int? = nil,
    launcher: Launcher = .alone, environment: [String: String] = [:]
  ) throws -> Outcome {
    try folder.write(configuration(), to: "deepfill.yaml")
    return try Program(
      ["train", folder["deepfill.yaml"], "--run", folder[run]]
        + settings.flatMap { ["--set", $0] }
        + (stopAfter.map { ["--stop-after", "\($0)"] } ?? []),
      launcher: launcher, environment: environment
    ).wait()
  }

  private static func configuration() throws -> String {
    """
    experiment: small-deepfill
    model: {kind: deepfill, width: 2}
    data: {root: \(try SmallRun.faces), side: 64, crop: 0}
    training: {batch: 8, replicas: 4, steps: \(steps), critic_updates: 2, agreement_every: 3, ema: 0.5}
    checkpoint: {every: 3, keep_last: 3}
    validation: {every: 4, count: 3, samples_every: 0, samples_count: 2}

    """
  }
}

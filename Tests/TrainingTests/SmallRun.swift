import Checkpoints
import Datasets
import Foundation
import Synchronization
import SyntheticFaces
import TensorCore
import Testing
import Training

/// A training of a few seconds: 60 synthetic faces of 64 pixels, tiny networks, 4 replicas.
enum SmallRun {
  /// Steps of the whole training.
  static let steps = 24

  /// What all tests read and none changes.
  private static let shared = Result {
    let folder = try TemporaryFolder()
    removedAtExit.withLock { $0 = folder.path }
    // The runner leaves by `exit`, which keeps every object alive.
    atexit { removedAtExit.withLock { path in try? FileManager.default.removeItem(atPath: path) } }
    _ = try writeSyntheticFaces(to: folder["faces"], count: 60, side: 64, seed: 1)
    try writeFeatures(to: folder["vgg.safetensors"], channels: 64)
    try folder.write(configuration(folder), to: "small.yaml")
    return folder
  }

  /// The folder of faces, in the layout of CelebA: 48 for training, 6 for validation.
  static var faces: String { get throws { try shared.get()["faces"] } }

  /// The configuration file.
  static var configuration: String { get throws { try shared.get()["small.yaml"] } }

  /// The folder of a training that ran to its end, in one process, without a break.
  static var referenceRun: String { get throws { try reference.get() } }

  private static let reference = Result {
    let run = try shared.get()["reference"]
    let outcome = try train(run)
    try #require(outcome.status == 0, outcome.report)
    return run
  }

  /// Runs `inpaint train`.
  static func train(
    _ run: String, _ arguments: [String] = [], launcher: Launcher = .alone,
    environment: [String: String] = [:]
  ) throws -> Outcome {
    try start(run, arguments, launcher: launcher, environment: environment).wait()
  }

  /// Starts `inpaint train`.
  static func start(
    _ run: String, _ arguments: [String] = [], launcher: Launcher = .alone,
    environment: [String: String] = [:]
  ) throws -> Program {
    try Program(
      ["train", configuration, "--run", run] + arguments, launcher: launcher,
      environment: environment)
  }

  /// Starts `inpaint train` and waits until it has made a step.
  static func begin(
    _ run: String, _ arguments: [String] = [], launcher: Launcher,
    environment: [String: String] = [:]
  ) throws -> Program {
    let program = try start(run, arguments, launcher: launcher, environment: environment)
    program.wait {
      FileManager.default.contents(atPath: "\(run)/metrics.jsonl")?.isEmpty == false
    }
    return program
  }

  /// Writes the first layer of VGG-19 with random weights: enough for one feature map.
  static func writeFeatures(to path: String, channels: Int) throws {
    var random = CounterBasedRandom(seed: 5, purpose: .test)
    let weights = (0..<channels * 27).map { _ in random.uniform(-0.2, 0.2) }
    try Safetensors.write(
      [
        NamedTensor(name: "features.0.weight", shape: [channels, 3, 3, 3], floats: weights),
        NamedTensor(
          name: "features.0.bias", shape: [channels], floats: Array(repeating: 0.1, count: channels)
        ),
      ], to: path)
  }

  private static func configuration(_ folder: TemporaryFolder) -> String {
    """
    experiment: small
    seed: 1
    model: {block: paper, width: 4, blocks: 1}
    data: {root: \(folder["faces"]), side: 64, crop: 0}
    perceptual: {weights: \(folder["vgg.safetensors"]), alignment_layer: relu1_1}
    optimizer: {milestones: [9, 17]}
    training: {batch: 8, replicas: 4, steps: \(steps), agreement_every: 10}
    checkpoint: {every: 7, keep_last: 3}
    validation: {every: 6, count: 3, samples_every: 0, samples_count: 2}

    """
  }
}

private let removedAtExit = Mutex("")

/// What a training leaves that nothing but its configuration and data may decide.
struct RunRecord: Equatable {
  /// Names, shapes and bits of all parameters and moments of the newest checkpoint.
  let hash: String
  /// The lines of `metrics.jsonl` without their timings.
  let metrics: [String]
  /// The sample sheet of the last step.
  let lastSheet: Data?

  init(_ run: String) throws {
    hash = try hashCheckpoint(run)
    metrics = try Self.metrics(of: run)
    let sheet = RunDirectory(run).samples(step: metrics.count)
    lastSheet = FileManager.default.contents(atPath: sheet)
  }

  /// The lines of a run's `metrics.jsonl` without their timings.
  static func metrics(of run: String) throws -> [String] {
    let timings = /, "images_per_second": [0-9.e+-]+, "seconds": .*}$/
    return try String(contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8)
      .split(separator: "\n").map { String($0.replacing(timings, with: "}")) }
  }
}

/// Expects a run to have ended as the uninterrupted one did.
func expectSameEnd(
  _ run: String, as other: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let (record, expected) = (try RunRecord(run), try RunRecord(other))
  #expect(record.hash == expected.hash, sourceLocation: sourceLocation)
  #expect(record.metrics == expected.metrics, sourceLocation: sourceLocation)
  #expect(record.metrics.count == SmallRun.steps, sourceLocation: sourceLocation)
  #expect(
    record.lastSheet == expected.lastSheet && record.lastSheet != nil, "the last sample sheet",
    sourceLocation: sourceLocation)
}

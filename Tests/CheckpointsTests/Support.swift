import Checkpoints
import Foundation

/// The path of a committed fixture.
func weightFixture(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fixtures/weights/\(name)").standardizedFileURL.path
}

/// Runs `body` with a new folder, in memory where the machine offers that, and removes it
/// afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let memory = "/dev/shm"
  let parent =
    FileManager.default.isWritableFile(atPath: memory)
    ? URL(filePath: memory) : FileManager.default.temporaryDirectory
  let path = parent.appending(path: "checkpoints-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// A small seeded generator (SplitMix64), so that every failing case can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}

func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

func overwrite(_ path: String, _ bytes: some Collection<UInt8>) throws {
  try Data(bytes).write(to: URL(filePath: path))
}

/// A state whose every field depends on the step.
func exampleState(step: Int, validation: [String: Double] = [:]) -> CheckpointState {
  CheckpointState(
    step: step, epoch: step / 10, images: step * 16, nextSample: step * 16 % 160,
    seed: UInt64.max - UInt64(step), replicas: 4,
    configuration: "experiment: \"a/b\"\nseed: \(step)\n", configurationFingerprint: "f\(step)",
    dataIndexHash: "d", codeVersion: "1.0", validation: validation,
    extras: ["sampler_kind": "permuted"])
}

/// A snapshot whose tensors depend on the step; `scale` elements for each of the larger ones.
func exampleSnapshot(step: Int, scale: Int = 24, validation: [String: Double] = [:])
  -> CheckpointSnapshot
{
  func values(_ count: Int, _ salt: Int) -> [Float] {
    (0..<count).map { Float($0 * 31 + salt * 7 + step * 1000) / 17 }
  }
  return CheckpointSnapshot(
    state: exampleState(step: step, validation: validation),
    generator: [
      NamedTensor(name: "encoder.weight", shape: [2, scale], floats: values(2 * scale, 1)),
      NamedTensor(name: "encoder.bias", shape: [2], floats: values(2, 2)),
    ],
    discriminator: [NamedTensor(name: "weight", shape: [scale], floats: values(scale, 3))],
    optimizer: [
      NamedTensor(
        name: "generator.encoder.weight.m", shape: [2, scale], floats: values(2 * scale, 4)),
      NamedTensor(
        name: "step",
        stored: StoredTensor(
          elementType: .int64, shape: [],
          bytes: withUnsafeBytes(of: Int64(step).littleEndian) { Array($0) })),
    ],
    additional: [
      .init(
        name: "generator-ema",
        tensors: [NamedTensor(name: "encoder.bias", shape: [2], floats: values(2, 5))])
    ])
}

/// Whether a loaded checkpoint is exactly what `exampleSnapshot(step:)` describes.
func isExample(_ checkpoint: LoadedCheckpoint, step: Int, scale: Int = 24) -> Bool {
  checkpoint.state == exampleState(step: step)
    && checkpoint.tensorHash() == exampleSnapshot(step: step, scale: scale).tensorHash()
}

/// A store that does not wait for the disk.
func quickStore(_ root: String, _ retention: RetentionPolicy = RetentionPolicy()) throws
  -> CheckpointStore
{
  try CheckpointStore(root: root, retention: retention, fileSystem: FaultyFileSystem(.none))
}

extension StoredTensor {
  /// Whether two tensors have the same type, shape and bits.
  func isBitIdentical(to other: StoredTensor) -> Bool {
    guard elementType == other.elementType, shape == other.shape else { return false }
    return withUnsafeBytes { mine in other.withUnsafeBytes { mine.elementsEqual($0) } }
  }
}

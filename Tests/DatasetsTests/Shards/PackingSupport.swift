import Datasets
import Foundation
import Images
import TensorCore
import Testing

extension TemporaryFolder {
  /// Packs a folder inside this one into another.
  @discardableResult
  func pack(
    _ source: String, to destination: String, _ settings: ShardPacker.Settings = .init()
  ) throws -> ShardPacker.Report {
    let packer = try ShardPacker(
      source: "\(path)/\(source)", destination: "\(path)/\(destination)", settings: settings)
    return try #require(try packer.run())
  }

  /// Every file in a folder by its name.
  func files(in folder: String) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")
    return names.reduce(into: [:]) { files, name in
      files[name] = FileManager.default.contents(atPath: "\(path)/\(folder)/\(name)")
    }
  }

  /// Changes a file's bytes.
  func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    body(&bytes)
    try write(bytes, to: name)
  }

  /// A folder `celeba` with all lists: ten persons, two attributes.
  func writeAnnotatedCelebA(count: Int) throws {
    let inner = try TemporaryFolder()
    try inner.writeCelebA(count: count)
    let numbers = 1...count
    try inner.write(
      numbers.map { "\(celebAName($0)) \($0 % 10)\n" }.joined(), to: "identity_CelebA.txt")
    try inner.write(
      "\(count)\nMale Smiling\n"
        + numbers.map { "\(celebAName($0)) \($0 % 2 == 0 ? 1 : -1) \($0 % 3 == 0 ? 1 : -1)\n" }
        .joined(), to: "list_attr_celeba.txt")
    try inner.write(
      "\(count)\nlefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y "
        + "rightmouth_x rightmouth_y\n"
        + numbers.map { "\(celebAName($0)) \($0 % 7) 9 13 10 10 14 8 20 12 \($0 % 5 + 18)\n" }
        .joined(), to: "list_landmarks_align_celeba.txt")
    try FileManager.default.moveItem(atPath: inner.path, toPath: "\(path)/celeba")
  }
}

extension ShardPacker.Settings {
  /// Archives of so many bytes.
  static func shards(of byteLimit: Int) -> Self {
    var settings = Self()
    settings.shardByteLimit = byteLimit
    return settings
  }
}

/// Everything that a source says, fit for comparison.
struct SourceContents: Equatable {
  let names: [String]
  let images: [[UInt8]]
  let landmarks: [FaceLandmarks?]
  let indexHash: IndexHash

  init(_ source: any ImageSource) throws {
    names = (0..<source.count).map(source.name)
    images = try (0..<source.count).map(source.encodedImage)
    landmarks = (0..<source.count).map(source.landmarks)
    indexHash = source.indexHash
  }
}

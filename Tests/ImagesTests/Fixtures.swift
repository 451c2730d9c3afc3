import Foundation
import Images
import TensorCore
import Testing

/// The folder `Tests/Fixtures/images`, with a slash at its end.
let fixtures =
  URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("Fixtures/images").path + "/"

/// The names in a folder of fixtures that end like this, sorted.
func fixtureNames(in folder: String, suffix: String) -> [String] {
  let names = try? FileManager.default.contentsOfDirectory(atPath: fixtures + folder)
  return (names ?? []).filter { $0.hasSuffix(suffix) }.sorted()
}

func fixtureBytes(_ name: String) throws -> [UInt8] {
  try imageFileContents(fixtures + name)
}

func fixtureJSON<Value: Decodable>(_ name: String) throws -> Value {
  try JSONDecoder().decode(Value.self, from: Data(fixtureBytes(name)))
}

/// Random numbers of a test, replayable by seed and case.
func testRandom(_ seed: UInt64, case number: Int = 0) -> CounterBasedRandom {
  CounterBasedRandom(seed: seed, purpose: .test, sample: number)
}

/// A picture of noise.
func noise(
  width: Int, height: Int, channels: Int = 3, using random: inout CounterBasedRandom
) -> Image {
  let values = (0..<width * height * channels).map { _ in
    UInt8(truncatingIfNeeded: random.nextWord())
  }
  return Image(width: width, height: height, channels: channels, pixels: values)
}

/// A new folder, removed after use.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path + "/")
}

func write(_ bytes: [UInt8], _ path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

func makeFolder(_ path: String) throws {
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
}

func makePipe(_ path: String) throws {
  try #require(mkfifo(path, 0o644) == 0)
}

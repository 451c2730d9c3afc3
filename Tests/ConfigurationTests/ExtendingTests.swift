import Configuration
import Foundation
import Models
import Testing

@Suite("Files that extend others")
final class ExtendingTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "extending-\(UUID().uuidString)").path

  init() throws {
    try FileManager.default.createDirectory(
      atPath: "\(folder)/below", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  private func load(_ name: String, _ overrides: [String] = []) throws -> RunConfiguration {
    try RunConfiguration.load(path: "\(folder)/\(name)", overrides: overrides)
  }

  @Test("Later files win, the file itself over all it extends, and assignments over everything")
  func order() throws {
    try write("training: {batch: 4, steps: 10}\nseed: 2\n", to: "first.yaml")
    try write(
      "extends: ../first.yaml\ntraining: {batch: 8, replicas: 2}\n", to: "below/second.yaml")
    try write(
      "extends: [celeba-64, below/second.yaml]\ntraining: {replicas: 4}\nmodel: {noise: 3}\n",
      to: "file.yaml")
    let configuration = try load("file.yaml", ["model.noise=5"])
    #expect(configuration.training.steps == 10 && configuration.seed == 2)
    #expect(configuration.training.batch == 8 && configuration.training.replicas == 4)
    #expect(configuration.model.noise == 5)
    // Of the preset, which the others do not change.
    #expect(configuration.model.width == 16 && configuration.model.composite == .membrane)
    // What is saved with a run needs no other file.
    #expect(try RunConfiguration.parse(yaml: configuration.effectiveYAML()) == configuration)
  }

  @Test("The kind of model is that of the last file that names one")
  func kind() throws {
    try write("extends: deepfill-celeba-64\n", to: "same.yaml")
    #expect(try load("same.yaml").model.kind == .deepfill)
    try write("extends: quickstart\nmodel: {kind: dcgan}\nmasks: {}\n", to: "other.yaml")
    #expect(throws: ConfigurationError.self) { try load("other.yaml") }
  }

  @Test("Errors name the file that they are in, and files that extend each other are refused")
  func errors() throws {
    try write("training: {bach: 4}\n", to: "base.yaml")
    try write("extends: base.yaml\n", to: "file.yaml")
    #expect { try load("file.yaml") } throws: { "\($0)".contains("base.yaml:1: training.bach") }
    try write("extends: file.yaml\n", to: "base.yaml")
    #expect { try load("file.yaml") } throws: { "\($0)".contains("extends itself: ") }
    try write("extends: file.yaml\n", to: "file.yaml")
    #expect { try load("file.yaml") } throws: { "\($0)".contains("extends itself: ") }
    try write("extends: absent.yaml\n", to: "file.yaml")
    #expect { try load("file.yaml") } throws: { "\($0)".contains("absent.yaml: cannot be read") }
    for text in ["extends:\n", "extends: [a.yaml, {}]\n", "extends: {a: b}\n", "extends: []\n"] {
      try write(text, to: "file.yaml")
      #expect { try load("file.yaml") } throws: { "\($0)".contains("names no file") }
    }
    // The same file twice is none that extends itself.
    try write("seed: 3\n", to: "base.yaml")
    try write("extends: [base.yaml, base.yaml]\n", to: "file.yaml")
    #expect(try load("file.yaml").seed == 3)
  }
}

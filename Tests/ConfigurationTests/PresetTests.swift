import Configuration
import Foundation
import Testing

@Suite("Files in configs/")
struct PresetTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "configs")

  static let names = [
    "quickstart", "celeba-64", "celeba-64-vgg19", "celeba-128", "celeba-256",
    "deepfill-celeba-64", "deepfill-celeba-256", "dcgan-celeba-64", "celeba-64-variants",
    "paper/celeba-64",
    "paper/celeba-128", "paper/celeba-256",
  ]

  static func preset(_ name: String) throws -> RunConfiguration {
    try RunConfiguration.load(path: folder.appending(path: "\(name).yaml").path)
  }

  @Test("Every file has a test")
  func complete() throws {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.path)
    let files = paths.filter { $0.hasSuffix(".yaml") }
    #expect(Set(files) == Set(Self.names.map { "\($0).yaml" }))
  }

  @Test("Every file is a preset of the program, with its text")
  func presets() throws {
    #expect(Set(Preset.all.map(\.name)) == Set(Self.names.map { $0.replacing("/", with: "-") }))
    for name in Self.names {
      let preset = try #require(Preset.named(name.replacing("/", with: "-")))
      #expect(try preset.configuration() == Self.preset(name))
      #expect(try RunConfiguration.load(path: preset.name) == Self.preset(name))
    }
    let list = try Preset.list()
    #expect(list.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(list.contains("celeba-128: 128x128 pixels\n"))
    #expect(list.contains("inpaint plan celeba-64"))
  }

  @Test("A file loads, is valid on all its rank counts, and is commented", arguments: names)
  func loads(name: String) throws {
    let preset = try Self.preset(name)
    #expect(preset.experiment == name.replacing("/", with: "-"))
    var rankCount = 1
    while rankCount <= preset.training.replicas {
      try preset.validate(rankCount: rankCount)
      rankCount *= 2
    }
    let text = try String(
      contentsOf: Self.folder.appending(path: "\(name).yaml"), encoding: .utf8)
    #expect(text.hasPrefix("# "))
    #expect(text.count { $0 == "#" } > 20)
    // What a user has to know before he chooses one: memory, and time for all steps.
    let steps = preset.training.steps.formatted(.number.locale(Locale(identifier: "en_US")))
    let costs = /GiB; the ([0-9,]+) steps take \d+ (minutes|hours|days) on two cores of/
    #expect(try costs.firstMatch(in: text)?.1 == steps[...])
  }

  @Test(
    "A file changes what it claims to change, and nothing else",
    arguments: [
      (
        "quickstart",
        [
          "experiment", "model.width", "model.blocks", "model.composite", "model.upsampling",
          "data.root", "data.side", "loss.adversarial", "adversarial.r1",
          "optimizer.learning_rate", "optimizer.discriminator.separate",
          "training.replicas", "training.steps", "training.ema_half_life", "checkpoint.every",
          "checkpoint.keep_last", "validation.every", "validation.count",
          "validation.samples_every",
        ]
      ),
      (
        "celeba-64",
        [
          "experiment", "model.width", "model.blocks", "model.composite", "model.upsampling",
          "data.side", "masks.mixture.brush", "loss.adversarial", "adversarial.r1",
          "optimizer.learning_rate", "optimizer.milestones", "optimizer.discriminator.separate",
          "training.replicas", "training.steps",
          "training.ema_half_life", "validation.count", "validation.samples_every",
        ]
      ),
      (
        "celeba-64-variants",
        [
          "experiment", "model.width", "model.blocks", "model.noise", "model.composite",
          "model.upsampling", "data.side", "masks.mixture.brush", "loss.pixel", "loss.feature",
          "loss.adversarial", "loss.diversity", "loss.diversity_limit", "adversarial.r1",
          "optimizer.learning_rate", "optimizer.milestones", "optimizer.discriminator.separate",
          "training.replicas", "training.steps", "training.ema_half_life", "validation.count",
          "validation.samples_every",
        ]
      ),
      (
        "celeba-128",
        [
          "experiment", "model.width", "model.composite", "model.upsampling", "data.side",
          "loss.adversarial", "adversarial.r1", "perceptual.weights",
          "optimizer.discriminator.separate", "optimizer.discriminator.learning_rate",
          "training.replicas", "training.ema_half_life", "checkpoint.keep_every",
          "validation.count",
        ]
      ),
      (
        "celeba-256",
        [
          "experiment", "model.composite", "model.upsampling", "data.workers", "loss.adversarial",
          "adversarial.r1", "perceptual.weights", "optimizer.discriminator.separate",
          "optimizer.discriminator.learning_rate", "training.replicas", "training.ema_half_life",
          "checkpoint.keep_every", "validation.count",
        ]
      ),
      (
        "paper/celeba-64",
        [
          "experiment", "model.width", "model.blocks", "data.side", "training.replicas",
          "training.steps", "validation.count", "validation.samples_every",
        ]
      ),
      (
        "paper/celeba-128",
        [
          "experiment", "model.width", "data.side", "perceptual.weights", "training.replicas",
          "checkpoint.keep_every", "validation.count",
        ]
      ),
      (
        "paper/celeba-256",
        [
          "experiment", "data.workers", "perceptual.weights", "training.replicas",
          "checkpoint.keep_every", "validation.count",
        ]
      ),
      (
        "deepfill-celeba-64",
        [
          "experiment", "model.width", "data.side", "training.replicas", "training.steps",
          "checkpoint.every", "validation.every", "validation.count", "validation.samples_every",
        ]
      ),
      (
        "dcgan-celeba-64",
        ["experiment", "training.steps", "checkpoint.keep_best", "validation.samples_every"]
      ),
      (
        "deepfill-celeba-256",
        [
          "experiment", "data.workers", "training.replicas", "training.steps",
          "checkpoint.keep_every", "validation.count",
        ]
      ),
    ])
  func changes(name: String, keys: [String]) throws {
    let preset = try Self.preset(name)
    let differences = preset.differences(to: RunConfiguration(kind: preset.model.kind))
    #expect(differences.map(\.key) == keys)
  }
}

import Configuration
import Foundation
import Losses
import Testing

@Suite("Loading")
struct LoadingTests {
  @Test("A file changes what it states and nothing else")
  func partialFile() throws {
    let configuration = try RunConfiguration.parse(
      yaml: """
        model: {width: 16}
        optimizer:
          learning_rate: 1
          milestones: [10, 20]
        perceptual:
          guided_layers: [relu2_1]
        masks:
        loss:
          alignment_axes: horizontal_twice
        """)
    var expected = RunConfiguration()
    expected.model.width = 16
    expected.optimizer.learningRate = 1
    expected.optimizer.milestones = [10, 20]
    expected.perceptual.guidedLayers = [.relu2]
    expected.loss.alignmentAxes = .horizontalTwice
    #expect(configuration == expected)
  }

  @Test("Assignments win over the file, the last one over the others")
  func overrides() throws {
    let configuration = try RunConfiguration.parse(
      yaml: "{training: {batch: 8, steps: 5}, loss: {pixel: 1}}",
      overrides: [
        "training.batch=32", "training.batch=64", "perceptual.weights=a=b.safetensors",
        "experiment=2024", "optimizer.milestones=[1, 2]", "model={blocks: 3}", "seed=7",
        "optimizer.learning_rate=1e-3", "masks.files=", "loss.feature=5", "loss.feature=2.5",
        "loss.pixel=0.5",
      ])
    #expect(configuration.loss.pixel == 0.5)
    #expect(configuration.loss.feature == 2.5)
    #expect(configuration.training.batch == 64)
    #expect(configuration.training.steps == 5)
    #expect(configuration.perceptual.weights == "a=b.safetensors")
    #expect(configuration.experiment == "2024")
    #expect(configuration.optimizer.milestones == [1, 2])
    #expect(configuration.model.blocks == 3)
    #expect(configuration.seed == 7)
    #expect(configuration.optimizer.learningRate == 1e-3)
    #expect(configuration.masks.files.isEmpty)
  }

  @Test("Assignments apply to a configuration made in code")
  func applying() throws {
    var base = RunConfiguration()
    base.perceptual.weights = "random"
    base.optimizer.milestones = []
    let changed = try base.applying(overrides: ["training.precision=bf16"])
    #expect(changed.training.precision == .bf16)
    #expect(changed.perceptual.weightSource == .random)
    #expect(changed.optimizer.milestones.isEmpty)
  }

  @Test(
    "A misspelt key is answered with the nearest",
    arguments: [
      ("training: {bacth: 4}", "training.bacth", "training.batch"),
      ("trainig: {batch: 4}", "trainig", "training"),
      (
        "perceptual: {normalization: exact}", "perceptual.normalization", "perceptual.normalisation"
      ),
      ("learning_rate: 1", "learning_rate", "optimizer.learning_rate"),
      ("data: {Side: 64}", "data.Side", "data.side"),
      (
        "loss: {discriminator-feature: 5}", "loss.discriminator-feature",
        "loss.discriminator_feature"
      ),
      ("training: {width: 5}", "training.width", "model.width"),
      ("masks: {mixture: {center: 1}}", "masks.mixture.center", "masks.mixture.centre"),
      ("checkpoint: {keep_lats: 5}", "checkpoint.keep_lats", "checkpoint.keep_last"),
      ("1: 2", "1", "seed"),
    ])
  func unknownKey(yaml: String, key: String, nearest: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration.parse(yaml: yaml, origin: "some.yaml")
    }
    let problem = error?.problems.first
    #expect(error?.problems.count == 1)
    #expect(problem?.kind == .unknownKey)
    #expect(problem?.key == key)
    #expect(problem?.origin == "some.yaml:1")
    if nearest != "seed" {
      #expect(error?.description.contains("the nearest is \(nearest);") == true, "\(error!)")
    }
  }

  @Test(
    "A value of a wrong type is answered with key, type and value",
    arguments: [
      ("model: {width: wide}", "model.width", "wide", "expected a whole number, found text"),
      ("model: {width: '16'}", "model.width", "16", "expected a whole number, found text"),
      ("model: {width: 1.5}", "model.width", "1.5", "expected a whole number, found a number"),
      ("model: {width: [1]}", "model.width", "[1]", "expected a whole number, found a list"),
      ("model: {width: {a: 1}}", "model.width", "", "found a section of keys"),
      ("model: {width: }", "model.width", "", "expected a whole number, found nothing"),
      ("model: 5", "model", "5", "expected a section of keys, found a whole number"),
      ("data: {root: 5}", "data.root", "5", "expected text, found a whole number"),
      ("optimizer: {decay: fast}", "optimizer.decay", "fast", "expected a number, found text"),
      ("optimizer: {milestones: 5}", "optimizer.milestones", "5", "expected a list"),
      ("optimizer: {milestones: [5, x]}", "optimizer.milestones", "[5, x]", "like [100000]"),
      ("seed: 99999999999999999999", "seed", "99999999999999999999", "within 64 bits"),
      ("seed: -1", "seed", "-1", "cannot be read as a whole number"),
      ("model: {block: papr}", "model.block", "papr", "paper, released; the nearest is paper"),
      ("training: {precision: bf61}", "training.precision", "bf61", "the nearest is bf16"),
      (
        "perceptual: {guided_layers: [relu6_1]}", "perceptual.guided_layers", "[relu6_1]", "relu5_1"
      ),
      ("- a", "", "[- a]", "expected a section of keys, found a list"),
      ("just text", "", "just text", "expected a section of keys, found text"),
    ])
  func wrongType(yaml: String, key: String, value: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration.parse(yaml: yaml, origin: "some.yaml")
    }
    #expect(error?.problems.count == 1)
    #expect(error?.problems.first?.kind == .wrongType)
    #expect(error?.problems.first?.key == key)
    #expect(error?.problems.first?.origin == "some.yaml:1")
    #expect(error?.description.contains(message) == true, "\(error!)")
  }

  @Test("Everything wrong with a file is reported at once, with lines")
  func collectsProblems() {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration.parse(
        yaml: """
          model:
            block: papr
            widht: 4
          training:
            precision: fp23
            batch: many
          """, origin: "some.yaml", overrides: ["data.sid=4", "nonsense", "seed=x"])
    }
    #expect(
      Set(error?.problems.map { "\($0.origin) \($0.key)" } ?? []) == [
        "some.yaml:2 model.block", "some.yaml:3 model.widht", "some.yaml:5 training.precision",
        "some.yaml:6 training.batch", "--set data.sid=4 data.sid", "--set nonsense ",
        "--set seed=x seed",
      ])
    #expect(error?.description.hasPrefix("the configuration has 7 problems:") == true)
  }

  @Test(
    "What is no usable YAML is refused with its line",
    arguments: [
      ("", "holds no keys"), ("# nothing here\n", "holds no keys"), ("---\n", "holds no keys"),
      ("model: {width: 1\n", "not valid YAML"), ("a: b: c", "not valid YAML"),
      ("\tseed: 1", "not valid YAML"), ("seed: 1\n---\nseed: 2\n", "not valid YAML"),
      ("seed: *nothing", "not valid YAML"),
      ("training:\n  batch: 4\n  batch: 8\n", "some.yaml:2: batch: is given twice"),
    ])
  func malformed(yaml: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration.parse(yaml: yaml, origin: "some.yaml")
    }
    #expect(error?.description.contains(message) == true, "\(error!)")
    #expect(error?.description.contains("some.yaml") == true, "\(error!)")
  }

  @Test("A file that cannot be read is named")
  func unreadable() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let latin = folder.appending(path: "latin.yaml")
    try Data([0x73, 0xe9, 0xff]).write(to: latin)
    for path in [folder.path, folder.appending(path: "absent.yaml").path, latin.path] {
      let error = #expect(throws: ConfigurationError.self) {
        try RunConfiguration.load(path: path)
      }
      #expect(error?.problems.first?.kind == .unreadable)
      #expect(error?.problems.first?.origin == path)
    }
  }
}

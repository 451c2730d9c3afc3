import Configuration
import Testing

@Suite("Keys and defaults")
struct RunConfigurationTests {
  @Test("The sections are those that files and scripts rely on")
  func sections() {
    var sections: [String] = []
    for (key, _) in RunConfiguration().values {
      let section = String(key.prefix { $0 != "." })
      if sections.last != section { sections.append(section) }
    }
    #expect(
      sections == [
        "experiment", "seed", "model", "data", "masks", "loss", "adversarial", "perceptual",
        "optimizer", "training", "checkpoint", "validation",
      ])
  }

  @Test("The defaults are the published training")
  func defaults() {
    let values = Dictionary(uniqueKeysWithValues: RunConfiguration().values.map { ($0.0, $0.1) })
    let published = [
      "model.kind": "dmfn", "model.block": "paper", "model.width": "64", "model.blocks": "8",
      "data.side": "256", "data.crop": "178",
      "masks.mixture.rectangle": "1.0", "masks.mixture.brush": "0.0", "masks.shrink": "0.25",
      "loss.pixel": "1.0", "loss.feature": "25.0", "loss.alignment": "1.0",
      "loss.adversarial": "0.003", "loss.discriminator_feature": "5.0",
      "loss.alignment_axes": "both", "perceptual.weights": "", "perceptual.normalisation": "exact",
      "perceptual.feature_layers": "[relu1_1, relu2_1, relu3_1, relu4_1, relu5_1]",
      "perceptual.guided_layers": "[relu1_1, relu2_1]", "perceptual.alignment_layer": "relu4_1",
      "optimizer.learning_rate": "0.0002", "optimizer.beta1": "0.5", "optimizer.beta2": "0.999",
      "optimizer.epsilon": "1.0e-08", "optimizer.milestones": "[100000]", "optimizer.decay": "0.5",
      "training.batch": "16", "training.steps": "100000", "training.precision": "fp32",
      "training.batch_statistics": "replica", "training.convolution": "auto",
      "training.reduction": "canonical", "training.wire_format": "fp32",
    ]
    for (key, value) in published { #expect(values[key] == value, "\(key)") }
  }

  @Test("Every stored property is a key")
  func everyPropertyIsCoded() {
    func leafCount(_ value: Any) -> Int {
      let mirror = Mirror(reflecting: value)
      if let wrapped = mirror.descendant("wrappedValue") { return leafCount(wrapped) }
      if value is HoleMixture { return HoleKind.all.count }
      return value is any SettingsSection
        ? mirror.children.reduce(0) { $0 + leafCount($1.value) } : 1
    }
    let keys = ModelConfiguration.Kind.allCases.flatMap { kind in
      RunConfiguration(kind: kind).values.map(\.key)
    }
    #expect(Set(keys).count == leafCount(RunConfiguration()))
  }

  @Test("The defaults are valid on one rank")
  func defaultsAreValid() {
    #expect(RunConfiguration().problems(rankCount: 1).isEmpty)
  }

  @Test("Keys are written in snake case")
  func snakeCase() {
    for (key, _) in RunConfiguration().values {
      #expect(key.allSatisfy { $0.isLowercase || $0.isNumber || "._".contains($0) }, "\(key)")
    }
  }
}

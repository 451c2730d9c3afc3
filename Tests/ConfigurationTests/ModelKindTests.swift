import Configuration
import Models
import Testing

@Suite("Keys and defaults of kinds of models")
struct ModelKindTests {
  private static func load(_ yaml: String, _ overrides: String...) throws -> RunConfiguration {
    try RunConfiguration.parse(yaml: yaml, origin: "file.yaml", overrides: overrides)
  }

  @Test("DeepFill's defaults are its published training")
  func deepFillDefaults() throws {
    let configuration = try Self.load("model: {kind: deepfill}")
    #expect(configuration == RunConfiguration(kind: .deepfill))
    let values = Dictionary(uniqueKeysWithValues: configuration.values.map { ($0.0, $0.1) })
    let published = [
      "experiment": "deepfill", "model.width": "32", "model.compat": "tf",
      "loss.adversarial": "0.001", "loss.discounted_l1": "1.2", "loss.discount": "0.9",
      "loss.autoencoder": "1.2", "loss.coarse": "1.2", "loss.global_critic": "1.0",
      "loss.penalty": "10.0", "optimizer.learning_rate": "0.0001", "optimizer.beta1": "0.5",
      "optimizer.beta2": "0.9", "optimizer.milestones": "[]", "training.batch": "16",
      "training.critic_updates": "5", "training.pretrain_coarse": "false",
    ]
    for (key, value) in published { #expect(values[key] == value, "\(key)") }
    #expect(configuration.problems(rankCount: 1).isEmpty)
  }

  @Test("DCGAN's defaults are those of pytorch/examples, and it has no holes")
  func dcganDefaults() throws {
    let configuration = try Self.load("model: {kind: dcgan}")
    #expect(configuration == RunConfiguration(kind: .dcgan))
    let values = Dictionary(uniqueKeysWithValues: configuration.values.map { ($0.0, $0.1) })
    let published = [
      "experiment": "dcgan", "model.width": "64", "model.latent": "100", "data.side": "64",
      "loss.adversarial": "1.0", "optimizer.learning_rate": "0.0002", "optimizer.beta1": "0.5",
      "optimizer.beta2": "0.999", "optimizer.milestones": "[]", "training.batch": "64",
      "checkpoint.best_metric": "swd",
    ]
    for (key, value) in published { #expect(values[key] == value, "\(key)") }
    #expect(!values.keys.contains { $0.hasPrefix("masks.") || $0.hasPrefix("perceptual.") })
    #expect(configuration.problems(rankCount: 1).isEmpty)
    let changed = try configuration.applying(overrides: ["model.latent=64"])
    #expect(changed.differences(to: configuration).map(\.decidesArithmetic) == [true])
    #expect(changed.fingerprint != configuration.fingerprint)
  }

  @Test(
    "Values of DCGAN's keys that cannot be used",
    arguments: [
      ("model.latent=0", "model.latent", "1 or more"), ("data.side=96", "data.side", "32, 64, 128"),
      ("data.side=40", "data.side", "use 32 or 64"), ("loss.adversarial=0", "loss", "1"),
      ("checkpoint.best_metric=ssim", "checkpoint.best_metric", "use swd"),
      ("training.batch_statistics=global", "training.batch_statistics", "leave it out"),
      ("training.recompute=true", "training.recompute", "leave it out"),
    ])
  func impossibleForDCGAN(assignment: String, key: String, remedy: String) throws {
    let problems = try RunConfiguration(kind: .dcgan).applying(overrides: [assignment])
      .problems(rankCount: 1)
    #expect(problems.map(\.key) == [key], "\(problems)")
    #expect(problems.first?.remedy.contains(remedy) == true, "\(problems)")
  }

  @Test("Noise decides the arithmetic, and without it runs of earlier versions go on")
  func noise() throws {
    let base = RunConfiguration()
    var seen: Set = [base.fingerprint]
    for change in [
      "model.noise=16", "loss.diversity=0.5", "loss.diversity_steps=20000",
      "loss.diversity_limit=0.1",
    ] {
      let changed = try base.applying(overrides: [change])
      #expect(seen.insert(changed.fingerprint).inserted, "\(change)")
      #expect(changed.problems(rankCount: 1).isEmpty)
    }
    for (change, key) in [
      ("model.noise=-1", "model.noise"), ("loss.diversity=-1", "loss.diversity"),
      ("loss.diversity_steps=0", "loss.diversity_steps"),
      ("loss.diversity_limit=-1", "loss.diversity_limit"),
    ] {
      let problems = try base.applying(overrides: [change]).problems(rankCount: 1)
      #expect(problems.map(\.key) == [key])
    }
  }

  @Test("A score of other models chooses no checkpoint")
  func scoresOfOtherKinds() throws {
    let problems = try RunConfiguration().applying(overrides: ["checkpoint.best_metric=swd"])
      .problems(rankCount: 1)
    #expect(problems.map(\.key) == ["checkpoint.best_metric"])
    #expect(problems.first?.remedy == "use l1_hole_percent, psnr, ssim")
  }

  @Test("The kind decides whether a file or an assignment names it, and the last one wins")
  func whoNamesTheKind() throws {
    #expect(try Self.load("seed: 2", "model.kind=deepfill").optimizer.beta2 == 0.9)
    #expect(try Self.load("model: {kind: deepfill}", "model.kind=dmfn").optimizer.beta2 == 0.999)
    let changed = try Self.load("seed: 2", "model.kind=dmfn", "model.kind=deepfill")
    #expect(changed.model.width == 32 && changed.seed == 2)
  }

  @Test("A file's values survive another kind where it has the key")
  func conversion() throws {
    var dmfn = RunConfiguration()
    dmfn.data.side = 128
    dmfn.model.block = .released
    dmfn.training.batch = 2
    let deepFill = try dmfn.applying(overrides: ["model.kind=deepfill"])
    var expected = RunConfiguration(kind: .deepfill)
    expected.data.side = 128
    expected.training.batch = 2
    #expect(deepFill == expected)
  }

  @Test(
    "Keys of another kind are refused by name",
    arguments: [
      ("model: {kind: deepfill}", "model.blocks=8", "model.blocks", "dmfn"),
      ("model: {kind: deepfill}", "model.attention=true", "model.attention", "dmfn"),
      ("model: {kind: deepfill}", "perceptual.weights=random", "perceptual", "dmfn"),
      ("model: {kind: deepfill}", "loss.pixel=1", "loss.pixel", "dmfn"),
      ("model: {kind: deepfill}", "model.noise=8", "model.noise", "dmfn"),
      ("model: {kind: deepfill}", "loss.diversity=1", "loss.diversity", "dmfn"),
      ("model: {kind: dmfn}", "loss.penalty=10", "loss.penalty", "deepfill"),
      ("seed: 1", "training.critic_updates=5", "training.critic_updates", "deepfill"),
      ("seed: 1", "model.latent=64", "model.latent", "dcgan"),
      ("model: {kind: dcgan}", "masks.shrink=0.5", "masks", "dmfn"),
      ("model: {kind: dcgan}", "loss.penalty=10", "loss.penalty", "deepfill"),
    ])
  func otherKeys(yaml: String, assignment: String, key: String, owner: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try Self.load(yaml, assignment) }
    let problem = try #require(error?.problems.first)
    #expect(error?.problems.count == 1 && problem.kind == .unknownKey && problem.key == key)
    #expect(problem.reason.contains("belongs to model.kind \(owner)"), "\(problem)")
    #expect(problem.remedy.contains("set model.kind to \(owner)"), "\(problem)")
  }

  @Test("A kind that there is not is named with the nearest one")
  func unknownKind() throws {
    let error = #expect(throws: ConfigurationError.self) { try Self.load("model: {kind: deepfil}") }
    let problem = try #require(error?.problems.first)
    #expect(problem.key == "model.kind" && problem.reason.contains("nearest is deepfill"))
  }

  @Test("Every key of DeepFill decides the arithmetic")
  func fingerprints() throws {
    let base = RunConfiguration(kind: .deepfill)
    var seen: Set = [base.fingerprint, RunConfiguration().fingerprint]
    for change in [
      "model.compat=torch", "loss.discounted_l1=2", "loss.discount=1", "loss.autoencoder=2",
      "loss.coarse=2", "loss.global_critic=2", "loss.penalty=2", "training.critic_updates=1",
      "training.pretrain_coarse=true",
    ] {
      let changed = try base.applying(overrides: [change])
      #expect(seen.insert(changed.fingerprint).inserted, "\(change)")
      #expect(changed.differences(to: base).map(\.decidesArithmetic) == [true], "\(change)")
    }
    #expect(base.differences(to: RunConfiguration()).contains { $0.key == "model.kind" })
  }

  @Test(
    "Values of DeepFill's keys that cannot be used",
    arguments: [
      ("model.width=7", "model.width", "use 8"), ("model.width=0", "model.width", "1 or more"),
      ("data.side=80", "data.side", "use 64 or 96"), ("loss.discount=0", "loss.discount", "0.9"),
      ("loss.discount=1.5", "loss.discount", "0.9"), ("loss.penalty=-1", "loss.penalty", ""),
      ("loss.coarse=.nan", "loss.coarse", ""), ("loss.global_critic=-1", "loss.global_critic", ""),
      ("loss.autoencoder=-1", "loss.autoencoder", ""),
      ("loss.discounted_l1=-1", "loss.discounted_l1", ""),
      ("training.critic_updates=0", "training.critic_updates", "1 or more"),
      ("optimizer.beta2=1", "optimizer.beta2", "use 0.9,"),
    ])
  func impossible(assignment: String, key: String, remedy: String) throws {
    let problems = try RunConfiguration(kind: .deepfill).applying(overrides: [assignment])
      .problems(rankCount: 1)
    #expect(problems.map(\.key) == [key], "\(problems)")
    #expect(problems.first?.remedy.contains(remedy) ?? false || remedy.isEmpty, "\(problems)")
  }

  @Test("Pretraining needs a loss of the coarse network")
  func pretraining() throws {
    let base = try RunConfiguration(kind: .deepfill)
      .applying(overrides: ["training.pretrain_coarse=true"])
    #expect(base.problems(rankCount: 1).isEmpty)
    let useless = try base.applying(overrides: ["loss.coarse=0"])
    #expect(useless.problems(rankCount: 1).map(\.key) == ["loss"])
  }
}
